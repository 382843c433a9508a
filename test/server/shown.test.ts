/** What a caller without a session sees of what may name processes. */
import { afterEach, expect, test } from '@jest/globals';

import type { EventInfo, Finding } from '../../src/api/host.ts';
import { killed } from '../../src/findings/checks/oom.ts';
import type { HistoryAccess, HistoryEvent } from '../../src/history/access.ts';
import { startApiServer, type ApiServer } from '../support/kit/api-server.ts';

let server: ApiServer;

afterEach(() => server.close());

const kill = (name: string, at: number): HistoryEvent => ({
  at,
  kind: 'oom',
  level: 'critical',
  title: `The kernel killed ${name} (pid ${at}) for lack of memory`,
});
const KILLS = [kill('secret-miner', 3000), kill('secret-vault', 2000)];
const UNIT: Finding = {
  id: 'unit:nginx.service',
  level: 'critical',
  sentence: [{ name: 'nginx.service' }, ' has failed.'],
  evidence: 'secret words of its log',
  since: 1000,
};

const answer = { at: 4000, findings: [UNIT, ...killed(KILLS)], fine: 3 };

test('H-032: findings, events and the stream name no killed process without a session', async () => {
  let emit: (event: EventInfo) => void = () => undefined;
  const history = { events: () => Promise.resolve([...KILLS]) } as unknown as HistoryAccess;
  server = await startApiServer({
    sources: {
      history: () => history,
      findings: () => answer,
      freshFindings: () => Promise.resolve(answer),
      onEvent: (listener) => {
        emit = listener;
        return () => undefined;
      },
    },
  });
  const cookie = await server.signIn();
  const paths = ['/api/v1/findings', '/api/v1/events?from=1&to=5000'];
  const read = async (headers: Readonly<Record<string, string>>) => [
    ...(await Promise.all(paths.map(async (path) => (await server.ask(path, { headers })).text))),
    await streamed(headers, () => {
      emit(KILLS[0]!);
    }),
  ];
  const [open, signedIn] = [await read({}), await read({ cookie })];
  for (const text of open) {
    expect(text).not.toContain('secret');
    expect(text).toContain('The kernel killed a process for lack of memory');
  }
  for (const text of signedIn) expect(text).toContain('secret-miner');
  const { findings } = JSON.parse(open[0]!) as { readonly findings: readonly Finding[] };
  expect(findings.map(({ id, since }) => ({ id, since }))).toEqual([
    { id: 'unit:nginx.service', since: 1000 },
    { id: 'oom', since: 3000 },
  ]);
});

/** The text of a stream until it has an event. */
async function streamed(headers: Readonly<Record<string, string>>, begin: () => void): Promise<string> {
  const end = new AbortController();
  const response = await fetch(`${server.origin}/api/v1/stream`, { headers, signal: end.signal });
  let text = '';
  const decoder = new TextDecoder();
  for await (const part of response.body as unknown as AsyncIterable<Uint8Array>) {
    if (text === '') begin();
    text += decoder.decode(part, { stream: true });
    if (text.includes('event: event\n')) break;
  }
  end.abort();
  return text;
}

test('the document of the API is served, and describes itself', async () => {
  server = await startApiServer();
  const { status, text } = await server.ask('/api/v1/openapi.json');
  expect(status).toBe(200);
  const { openapi, info, paths } = JSON.parse(text) as Record<string, Readonly<Record<string, unknown>>>;
  expect([openapi, info]).toEqual(['3.1.0', expect.objectContaining({ title: 'healthd', version: '0.0.0' })]);
  expect(Object.keys(paths!)).toEqual(expect.arrayContaining(['/api/v1/openapi.json', '/api/v1/stream', '/healthz']));
});
