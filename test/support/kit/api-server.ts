/** The server part on a free port of the loopback address, with sources that a test chooses. */
import { mkdtempSync, rmSync } from 'node:fs';
import { request, type IncomingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { systemClock, type Clock } from '../../../src/core/clock.ts';
import { silentLog } from '../../../src/core/logger.ts';
import type { Logger } from '../../../src/plugin/index.ts';
import { ServerPart, type ServerSection } from '../../../src/server/part.ts';
import { NO_SOURCES, type Sources } from '../../../src/server/sources.ts';

export interface ApiServerOptions {
  readonly sources?: Partial<Sources>;
  readonly section?: Partial<ServerSection>;
  readonly clock?: Clock;
  readonly log?: Logger;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

export interface AskOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly socketPath?: string;
}

export interface ApiServer {
  readonly part: ServerPart;
  readonly port: number;
  readonly origin: string;
  readonly state: string;
  ask(path: string, options?: AskOptions): Promise<Answer>;
  /** The `Cookie` header of a new session. */
  signIn(): Promise<string>;
  reload(section: Partial<ServerSection>): Promise<void>;
  close(): Promise<void>;
}

export const SETTINGS = { listen: '127.0.0.1:0', tokens: [] } as const;

export async function startApiServer(options: ApiServerOptions = {}): Promise<ApiServer> {
  const state = mkdtempSync(join(tmpdir(), 'healthd-api-'));
  const { clock = systemClock, log = silentLog } = options;
  const sources = { ...NO_SOURCES, ...options.sources };
  const part = new ServerPart({ sources, platform: process.platform, clock, random: () => 0.5, log, version: '0.0.0' });
  const sectionOf = (given: Partial<ServerSection> = {}): ServerSection => ({
    settings: { ...SETTINGS, tokens: [] },
    stateDirectory: state,
    isHub: false,
    publicUrl: undefined,
    hostnames: ['web1'],
    ...given,
  });
  const reload = async (section?: Partial<ServerSection>) => {
    const prepared = await part.prepare(sectionOf(section));
    await prepared.use();
  };
  await reload(options.section);
  const { port: portText, origin } = new URL(part.address ?? 'http://127.0.0.1:1/');
  const port = Number(portText);
  const askHere = (path: string, how: AskOptions = {}) => ask(port, path, how);
  return {
    part,
    port,
    origin,
    state,
    ask: askHere,
    reload,
    signIn: async () => {
      const token = part.newAddress()?.url.split('#')[1] ?? '';
      const body = JSON.stringify({ token });
      const { headers } = await askHere('/api/v1/session', { method: 'POST', headers: { origin }, body });
      return headers['set-cookie']?.[0]?.split(';')[0] ?? '';
    },
    close: async () => {
      await part.stop();
      rmSync(state, { recursive: true });
    },
  };
}

export function ask(
  port: number,
  path: string,
  { method = 'GET', headers, body, socketPath }: AskOptions = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const where = socketPath === undefined ? { host: '127.0.0.1', port } : { socketPath };
    const call = request({ ...where, path, method, headers, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => (text += part));
      // A stream has no end: what it begins with is enough.
      if (response.headers['content-type'] === 'text/event-stream') response.destroy();
      response.on('close', () => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
      });
    });
    call.on('error', reject);
    call.end(body);
  });
}
