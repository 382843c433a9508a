/** An HTTP server that stores the lines it gets; its answers can be changed. */
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';

export interface Sink {
  readonly url: string;
  readonly port: number;
  readonly lines: string[];
  /** Answers each request. */
  answer: (response: ServerResponse) => void;
  close(): Promise<void>;
}

export async function startSink(port = 0): Promise<Sink> {
  const lines: string[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks);
      const text = request.headers['content-encoding'] === 'gzip' ? gunzipSync(body).toString() : body.toString();
      sink.answer(response);
      if (response.statusCode === 204) lines.push(...text.split('\n').filter((line) => line !== ''));
    });
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const address = server.address() as AddressInfo;
  const sink: Sink = {
    url: `http://127.0.0.1:${address.port}`,
    port: address.port,
    lines,
    answer: (response) => response.writeHead(204).end(),
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
  return sink;
}
