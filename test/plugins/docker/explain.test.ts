/** What Docker says about the container of an alert. */
import { afterEach, expect, test } from '@jest/globals';

import type { ContextTable } from '../../../src/plugin/index.ts';
import { docker } from '../../../src/plugins/docker/index.ts';
import { testContext } from '../../../src/testing.ts';

import { serveEngine, type Answer } from './engine-server.ts';

const cleanups: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const STATE = {
  Status: 'exited',
  Running: false,
  OOMKilled: true,
  Pid: 0,
  ExitCode: 137,
  StartedAt: '2026-03-02T11:00:00Z',
  FinishedAt: '2026-03-02T12:00:00Z',
};
const INSPECTION = { Id: 'abc', RestartCount: 4, State: STATE };

function frame(stream: 1 | 2, text: string): Buffer {
  const content = Buffer.from(text);
  const header = Buffer.from([stream, 0, 0, 0, 0, 0, 0, 0]);
  header.writeUInt32BE(content.length, 4);
  return Buffer.concat([header, content]);
}

async function explain(answers: Record<string, unknown>, tags: Record<string, string> = { container_name: 'api' }) {
  const listed = [
    { Id: 'other', Names: ['/api-2'], Image: 'other' },
    { Id: 'abc', Names: ['/api'], Image: 'registry.example.org/api:1.2' },
  ];
  const server = await serveEngine({ '/containers/json': listed, '/containers/abc/json': INSPECTION, ...answers });
  cleanups.push(() => server.close());
  const input = await docker.create(docker.config.parse({ endpoint: server.endpoint }), testContext());
  cleanups.push(() => ('stop' in input ? input.stop() : undefined));
  const tables = (await input.explain?.({ host: 'web1', ...tags }, AbortSignal.timeout(5000))) ?? [];
  return { tables, requests: server.requests };
}

const logs =
  (log: Buffer): Answer =>
  (_request, response) => {
    // In pieces that split frames.
    for (let at = 0; at < log.length; at += 7) response.write(log.subarray(at, at + 7));
    response.end();
    return undefined;
  };

const rowsOf = (table: ContextTable | undefined) =>
  Object.fromEntries((table?.rows ?? []).map(([name = '', value = '']) => [name, value])) as Record<string, string>;

test('M-006: exit code with its meaning, out of memory, image, restarts, and the last lines of the log', async () => {
  const log = Buffer.concat([
    frame(1, 'ready é\n'),
    frame(2, `\u001b[31mpanic:\u001b[0m no\u0007space\tleft\n`),
    frame(1, `${'x'.repeat(1000)}\n`),
  ]);
  const { tables, requests } = await explain({ '/containers/abc/logs': logs(log) });
  expect(tables.map(({ title }) => title)).toEqual(['Container api', 'Last lines of its log']);
  expect(rowsOf(tables[0])).toMatchObject({
    'Exit code': '137 (SIGKILL), out of memory',
    Image: 'registry.example.org/api:1.2',
    Restarts: '4',
    State: expect.stringMatching(/^exited .* ago$/),
  });
  expect(tables[1]?.rows).toEqual([['ready é'], ['panic: no\\x07space left'], [`${'x'.repeat(199)}…`]]);
  expect(requests.at(-1)).toMatch(/^\/containers\/abc\/logs\?.*tail=5/);
});

test.each([
  [1, '1'],
  [127, '127 (the command was not found)'],
  [139, '139 (SIGSEGV)'],
])('M-006: exit code %i', async (ExitCode, text) => {
  const State = { ...STATE, ExitCode, OOMKilled: false };
  const { tables } = await explain({ '/containers/abc/json': { ...INSPECTION, State } });
  expect(rowsOf(tables[0])['Exit code']).toBe(text);
});

test('M-006: of a container with a terminal the log has no frames; only its last five lines are shown', async () => {
  const text = Array.from({ length: 9 }, (_, line) => `line ${line}\r\n`).join('');
  const { tables } = await explain({ '/containers/abc/logs': logs(Buffer.from(text)) });
  expect(tables[1]?.rows).toEqual([['line 4'], ['line 5'], ['line 6'], ['line 7'], ['line 8']]);
});

test('M-006: a running container has no exit code, but the output of its health check', async () => {
  const Health = { Status: 'unhealthy', FailingStreak: 3, Log: [{ ExitCode: 1, Output: 'connection refused\n' }] };
  const State = { ...STATE, Running: true, Status: 'running', Pid: 7, OOMKilled: false, Health };
  const { tables } = await explain({ '/containers/abc/json': { ...INSPECTION, State } });
  expect(rowsOf(tables[0])).toEqual({
    State: 'running',
    Image: 'registry.example.org/api:1.2',
    Restarts: '4',
    'Health check': 'exit code 1: connection refused',
  });
});

test('M-021: a log that cannot be read does not cost the rest, and says why', async () => {
  const unreadable: Answer = (_request, response) => {
    response.writeHead(501).end('{"message":"configured logging driver does not support reading"}');
    return undefined;
  };
  const { tables } = await explain({ '/containers/abc/logs': unreadable });
  expect(rowsOf(tables[0])['Exit code']).toBe('137 (SIGKILL), out of memory');
  expect(tables[1]).toMatchObject({ rows: [], note: expect.stringContaining('does not support reading') });
});

test('an alert without a container, or of one that is unknown, has nothing', async () => {
  expect((await explain({}, {})).tables).toEqual([]);
  expect((await explain({}, { container_name: 'ap' })).tables).toEqual([]);
});
