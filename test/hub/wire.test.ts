/** What a member can do to a hub with its requests: bombs, lies about lengths, floods; and a thousand members at once. */
import { request, type ClientRequest, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { once } from 'node:events';
import { gzipSync } from 'node:zlib';

import { afterEach, beforeEach, expect, test } from '@jest/globals';

import { startApiServer, type ApiServer } from '../support/kit/api-server.ts';

import { HubScene, type Member } from './hub-kit.ts';

let scene: HubScene;
let server: ApiServer;
let member: Member;
beforeEach(async () => {
  scene = await HubScene.open();
  const sources = { hub: () => scene.part.control, intake: () => scene.part.intake };
  server = await startApiServer({ sources, section: { isHub: true } });
  member = scene.host('a');
});
afterEach(async () => {
  await server.close();
  await scene.close();
});

const MIB = 1024 * 1024;

interface Answer {
  readonly status: number;
  readonly text: string;
}

function begin(of: Member, run: string, headers: Readonly<Record<string, string | number>> = {}): ClientRequest {
  return request({
    host: '127.0.0.1',
    port: server.port,
    method: 'POST',
    path: `/api/v1/agents/lines?${run}`,
    headers: { authorization: `Bearer ${of.session}`, ...headers },
    agent: false,
  });
}

async function answerTo(sent: ClientRequest): Promise<Answer> {
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  let text = '';
  response.setEncoding('utf8').on('data', (part: string) => (text += part));
  await once(response, 'close');
  return { status: response.statusCode ?? 0, text };
}

function send(of: Member, body: Buffer, run: string, headers = {}): Promise<Answer> {
  const sent = begin(of, run, headers);
  sent.end(body);
  return answerTo(sent);
}

const GZIP = { 'content-encoding': 'gzip' };

/** Time of the hub passes until it has answered. */
const soon = (answer: Promise<Answer>) => scene.until(answer);

test('a bomb is refused when it has grown to the limit, and the agent sends smaller batches', async () => {
  const bomb = gzipSync(Buffer.alloc(200 * MIB, 'm,host=a v=1i 1\n'));
  expect(bomb.length).toBeLessThan(MIB);
  const before = process.memoryUsage().rss;
  expect((await soon(send(member, bomb, 'from=1&to=2&size=1', GZIP))).status).toBe(413);
  expect(process.memoryUsage().rss - before).toBeLessThan(150 * MIB);
  expect(scene.lines).toEqual([]);
  expect(scene.part.control!.fleet().hosts[0]?.lines.received).toBe(0);
});

test.each([
  ['no gzip', Buffer.from('m v=1 1\n'), GZIP, 400],
  ['gzip that ends too early', gzipSync('m v=1 1\n').subarray(0, 15), GZIP, 400],
  ['an encoding that nobody knows', Buffer.from('m v=1 1\n'), { 'content-encoding': 'br' }, 415],
])('%s is refused, and the account does not change', async (_what, body, headers, status) => {
  expect((await soon(send(member, body, 'from=1&to=2&size=1', headers))).status).toBe(status);
  expect(scene.part.control!.fleet().hosts[0]?.lines.received).toBe(0);
});

test.each(['from=2&to=1&size=1', 'from=-1&to=1&size=1', 'from=1e99&to=1e99&size=1', 'from=1&to=x&size=1'])(
  'numbers of lines that cannot be are refused: %s',
  async (run) => {
    expect((await soon(send(member, Buffer.from('m v=1 1\n'), run))).status).toBe(400);
    expect(scene.lines).toEqual([]);
  },
);

test('lines that nobody can read are named, and the others are taken', async () => {
  const body = Buffer.from('m,host=a v=1i 1\n\u0000\u0001\nm,host=a v=\nm,host=a v=2i 2\n');
  const { status, text } = await soon(send(member, body, 'from=1&to=5&size=4'));
  expect(status).toBe(200);
  expect((JSON.parse(text) as { refused: readonly string[] }).refused).toHaveLength(2);
  expect(scene.lines).toEqual(['m,host=a v=1i 1', 'm,host=a v=2i 2']);
});

test.each([
  ['is longer than it says', 16, /^HTTP\/1.1 (204|400) |^$/],
  ['says that it is longer than is allowed', 33 * MIB, /^HTTP\/1.1 413 /],
])('a body that %s does no harm', async (_what, length, expected) => {
  const socket = connect(server.port, '127.0.0.1');
  let text = '';
  socket.setEncoding('utf8').on('data', (part: string) => (text += part));
  socket.on('error', () => undefined);
  const over = Promise.race([once(socket, 'data'), once(socket, 'close')]);
  const head = [
    'POST /api/v1/agents/lines?from=1&to=2&size=1 HTTP/1.1',
    ...['host: hub', `authorization: Bearer ${member.session}`, `content-length: ${length}`],
  ];
  socket.write(`${head.join('\r\n')}\r\n\r\nm,host=a v=1i 1\nm,host=a v=2i 2\n`);
  await scene.until(over);
  socket.destroy();
  expect(text).toMatch(expected);
  const next = Buffer.from('m,host=a v=3i 3\n');
  expect((await soon(send(member, next, 'from=2&to=3&size=1'))).status).toBe(204);
  expect(scene.lines).not.toContain('m,host=a v=2i 2');
  expect(scene.lines.at(-1)).toBe('m,host=a v=3i 3');
});

test('one that opens request after request and sends nothing holds one, and keeps nobody else out', async () => {
  const other = scene.host('b');
  const opened = Array.from({ length: 50 }, (_, index) => {
    const sent = begin(member, `from=${index}&to=${index + 1}&size=1`, { 'content-length': 30 * MIB });
    const ended = new Promise<void>((resolve) => {
      sent.on('error', () => {
        resolve();
      });
    });
    sent.write(Buffer.alloc(4 * MIB));
    return { sent, ended };
  });
  const line = Buffer.from('m,host=b v=1i 1\n');
  expect((await soon(send(other, line, 'from=1&to=2&size=1'))).status).toBe(204);
  // All but the last have been ended by the one after.
  await Promise.all(opened.slice(0, -1).map(({ ended }) => ended));
  // A connection that has died does not keep the next one waiting.
  const next = Buffer.from('m,host=a v=1i 1\n');
  expect((await soon(send(member, next, 'from=1&to=2&size=1'))).status).toBe(204);
  expect(scene.lines).toEqual(['m,host=b v=1i 1', 'm,host=a v=1i 1']);
  await Promise.all(opened.map(({ ended }) => ended));
});

test('a large batch waits for its turn: those of others that came before are done first', async () => {
  const [b, c] = [scene.host('b'), scene.host('c')];
  const large = Array.from({ length: 100_000 }, (_, index) => `m,host=a v=${index}i ${index}\n`).join('');
  const answers: string[] = [];
  const noted = async (name: string, answer: Promise<Answer>) => {
    expect((await answer).status).toBe(204);
    answers.push(name);
  };
  const flood = noted('a', send(member, gzipSync(large), 'from=1&to=100001&size=100000', GZIP));
  const others = [b, c].map((each) =>
    noted(each.evidence.name, send(each, Buffer.from(`m,host=${each.evidence.name} v=1i 1\n`), 'from=1&to=2&size=1')),
  );
  await soon(Promise.all([flood, ...others]).then(() => ({ status: 0, text: '' })));
  expect(answers.slice().sort()).toEqual(['a', 'b', 'c']);
  expect(scene.lines).toHaveLength(100_002);
});

test('a thousand members that come back at once all get in, and each keeps its account', async () => {
  const members = Array.from({ length: 1000 }, (_, index) => scene.host(`h${index}`));
  const { signal } = new AbortController();
  const claim = (run: { from: number; to: number; size: number }) =>
    scene.until(
      Promise.all(members.map(({ session }) => scene.part.intake!.session(session).take(Buffer.alloc(0), run, signal))),
    );
  await claim({ from: 1, to: 3, size: 2 });
  await scene.restart();
  for (const each of members) {
    each.nextLine = 3;
    each.restart();
  }
  await claim({ from: 3, to: 4, size: 1 });
  const fleet = scene.part.control!.fleet().hosts.filter(({ name }) => name !== 'a');
  expect(fleet).toHaveLength(1000);
  expect(fleet.every(({ lines: { received, missing } }) => received === 3 && missing === 0)).toBe(true);
  expect(scene.events().filter((kind) => kind !== 'joined')).toEqual([]);
}, 60_000);

test('a host that sends too many lines is put off for so long, others are not, and no line is lost', async () => {
  await scene.reload({ lines_per_second: 100 });
  const other = scene.host('b');
  const linesOf = (host: string, from: number, to: number) =>
    Buffer.from(Array.from({ length: to - from }, (_, index) => `m,host=${host} v=1i ${from + index}\n`).join(''));
  // Those of ten seconds at once, and the batch that goes beyond.
  expect((await soon(send(member, linesOf('a', 1, 1501), 'from=1&to=1501&size=1500'))).status).toBe(204);
  const next = () => soon(send(member, linesOf('a', 1501, 1511), 'from=1501&to=1511&size=10'));
  const refused = begin(member, 'from=1501&to=1511&size=10');
  refused.end(linesOf('a', 1501, 1511));
  const [response] = (await once(refused, 'response')) as [IncomingMessage];
  response.resume();
  expect(response.statusCode).toBe(429);
  expect(Number(response.headers['retry-after'])).toBeGreaterThan(1);
  expect((await soon(send(other, linesOf('b', 1, 101), 'from=1&to=101&size=100'))).status).toBe(204);
  await scene.passHeard(Number(response.headers['retry-after']) * 1000, member, other);
  expect((await next()).status).toBe(204);
  const [host] = scene.part.control!.fleet().hosts;
  expect(host).toMatchObject({ name: 'a', lines: { received: 1510, missing: 0, lost: 0 } });
  // To catch up is no trouble.
  expect(scene.events('a')).toEqual(['joined']);
});

test('a host that makes more lines than the hub takes is told so, and an event says so once', async () => {
  await scene.reload({ lines_per_second: 100 });
  const session = () => scene.part.intake!.session(member.session);
  const beat = (nextLine: number) =>
    session().heartbeat({ offsetMs: 0, name: 'a', tags: {}, pending: nextLine, nextLine }).warnings ?? [];
  const warnings: (readonly string[])[] = [];
  // 90 lines/s, then 200 lines/s.
  for (let at = 0; at <= 60; at += 5) {
    warnings.push(beat(1000 + at * 90));
    await scene.pass(5000);
  }
  expect(warnings.flat()).toEqual([]);
  for (let at = 0; at <= 90; at += 5) {
    warnings.push(beat(10_000 + at * 200));
    await scene.pass(5000);
  }
  expect(warnings.at(-1)).toEqual([expect.stringMatching(/more lines than the hub takes of a host \(100 lines\/s/)]);
  expect(scene.events('a')).toEqual(['joined', 'flood']);
});
