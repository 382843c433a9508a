/** An agent's API on the control socket of a state directory, with answers that a test sets. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { join } from 'node:path';

export interface AgentApi {
  /** By method and path, without the query. */
  answer: Record<string, unknown>;
  hasNoStream: boolean;
  /** Methods and URLs, with the body of a POST. */
  readonly asked: string[];
  /** Sends an event to all readers of the stream. */
  send(event: string, data: unknown): void;
  /** Ends all streams. */
  drop(): void;
  readers(): number;
  close(): Promise<void>;
}

export async function startAgentApi(stateDirectory: string): Promise<AgentApi> {
  const streams = new Set<ServerResponse>();
  const asked: string[] = [];
  const api = { answer: {} as Record<string, unknown>, hasNoStream: false };
  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    asked.push([request.method, request.url, Buffer.concat(chunks).toString()].join(' ').trim());
    if (pathname === '/api/v1/stream' && !api.hasNoStream) {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(': hello\n\n');
      streams.add(response);
      response.on('close', () => streams.delete(response));
      return;
    }
    const answer = api.answer[`${request.method} ${pathname}`];
    const body = answer ?? { error: `No such route: ${request.method} ${pathname}` };
    response.writeHead(answer === undefined ? 404 : 200).end(JSON.stringify(body));
  };
  const server = createServer((request, response) => void handle(request, response));
  await new Promise<void>((resolve) => server.listen(join(stateDirectory, 'control.sock'), resolve));
  return Object.assign(api, {
    asked,
    send(event: string, data: unknown) {
      for (const stream of streams) stream.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
    },
    drop() {
      for (const stream of streams) stream.end();
      streams.clear();
    },
    readers() {
      return streams.size;
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  });
}

/** `GET /api/v1/hosts` of one host. */
export const ONE_HOST = {
  hosts: [
    {
      id: 'f00',
      name: 'web1',
      os: 'Debian GNU/Linux 12',
      kernel: '6.1',
      arch: 'x86_64',
      cores: 2,
      memoryBytes: 8e9,
      bootedAt: 0,
      addresses: [],
      tags: {},
      timeZone: 'UTC',
      agent: { version: '1.2.3', startedAt: 0, intervalMs: 10_000 },
    },
  ],
  now: 0,
};
