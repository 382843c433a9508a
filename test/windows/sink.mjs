/** A stand-in for InfluxDB: answers every write with 204 and appends the lines to a file. usage: sink.mjs FILE; prints its port. */
import { appendFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { gunzipSync } from 'node:zlib';

const file = process.argv[2];
writeFileSync(file, '');
const server = createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    const body = Buffer.concat(chunks);
    appendFileSync(file, request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body);
    response.writeHead(204).end();
  });
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
