/**
 * A stand-in for InfluxDB and for a webhook: answers everything with 204; appends lines to FILE and notifications to FILE.hook.
 * usage: sink.mjs FILE; prints its port.
 */
import { appendFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { gunzipSync } from 'node:zlib';

const file = process.argv[2];
writeFileSync(file, '');
writeFileSync(`${file}.hook`, '');
const server = createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    const body = Buffer.concat(chunks);
    const to = request.url === '/hook' ? `${file}.hook` : file;
    appendFileSync(to, request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body);
    response.writeHead(204).end();
  });
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
