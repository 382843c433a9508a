/**
 * A sink in a process of its own, so that the receiving side takes nothing of the sending one's time. The plain one throws
 * bodies away as they come. The reading one does the least that a database has to do with a body: it decompresses it and
 * looks for the lines; it can say how many there were.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { createGunzip } from 'node:zlib';

import { startSink } from './sink.mjs';

const NEWLINE = 0x0a;
const self = fileURLToPath(import.meta.url);

if (process.send !== undefined && process.argv[1] === self) {
  const sink = await (process.argv[2] === 'reading' ? startReadingSink() : startSink());
  process.on('disconnect', () => process.exit());
  process.on('message', () => process.send({ lines: sink.lines() }));
  process.send({ url: sink.url });
}

/** @param {'plain' | 'reading'} kind */
export async function startSinkProcess(kind) {
  const child = fork(self, [kind]);
  const [{ url }] = await once(child, 'message');
  return {
    url,
    /** Lines read so far. */
    async lines() {
      child.send('lines');
      const [{ lines }] = await once(child, 'message');
      return lines;
    },
    close: () => child.disconnect(),
  };
}

async function startReadingSink() {
  let lines = 0;
  const count = async (chunks) => {
    for await (const chunk of chunks)
      for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, at + 1)) lines += 1;
  };
  const server = createServer(async (request, response) => {
    const isGzip = request.headers['content-encoding'] === 'gzip';
    await (isGzip ? pipeline(request, createGunzip(), count) : pipeline(request, count));
    response.writeHead(204).end();
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${server.address().port}`, lines: () => lines };
}
