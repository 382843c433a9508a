/** An HTTP server that takes every body and answers 204, as InfluxDB does. */
import { createServer } from 'node:http';

export async function startSink() {
  let bodies = 0;
  const server = createServer((request, response) => {
    request.resume();
    request.on('end', () => {
      if (request.headers['content-encoding'] === 'gzip') bodies += 1;
      response.writeHead(204).end();
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    received: () => bodies,
    close: () =>
      new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      }),
  };
}
