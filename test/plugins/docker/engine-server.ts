/** A fake daemon for each test: the Engine API on a Unix socket, with scripted answers. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export type Answer = (request: IncomingMessage, response: ServerResponse, url: URL) => unknown;

export interface EngineServer {
  readonly endpoint: string;
  /** Path and query of every request so far. */
  readonly requests: readonly string[];
  connections(): Promise<number>;
  /** The targets of all requests as they came, not decoded. */
  readonly targets: readonly string[];
  /** Sends text to every subscriber. */
  emitText(text: string): void;
  /** Sends one event to every subscriber. */
  emit(event: object): void;
  /** Ends the event streams, as a stopping daemon does. */
  endEvents(): void;
  readonly followers: number;
  close(): Promise<void>;
}

/**
 * @param answers path → JSON value, or a function that returns one or answers by itself (returns undefined). Any other
 * path is answered with 404, as a daemon does.
 */
export async function serveEngine(answers: Readonly<Record<string, unknown>>): Promise<EngineServer> {
  const folder = mkdtempSync(join(tmpdir(), 'healthd-docker-'));
  const socket = join(folder, 'docker.sock');
  const requests: string[] = [];
  const targets: string[] = [];
  const followers = new Set<ServerResponse>();
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://docker');
    targets.push(request.url ?? '');
    requests.push(decodeURIComponent(url.pathname + url.search));
    if (url.pathname === '/events') {
      followers.add(response.on('close', () => followers.delete(response)));
      response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders();
      return;
    }
    const answer = answers[url.pathname];
    if (answer === undefined) {
      response.writeHead(404).end('{"message":"No such container"}');
      return;
    }
    const value = typeof answer === 'function' ? (answer as Answer)(request, response, url) : answer;
    if (value !== undefined) response.end(JSON.stringify(value));
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  return {
    endpoint: `unix://${socket}`,
    requests,
    targets,
    emitText: (text) => {
      for (const follower of followers) follower.write(text);
    },
    connections: () =>
      new Promise((resolve, reject) => {
        server.getConnections((error, count) => {
          if (error) reject(error);
          else resolve(count);
        });
      }),
    emit: (event) => {
      for (const follower of followers) follower.write(`${JSON.stringify(event)}\n`);
    },
    endEvents: () => {
      for (const follower of followers) follower.end();
    },
    get followers() {
      return followers.size;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
