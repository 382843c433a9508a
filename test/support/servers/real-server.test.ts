import { expect, test } from '@jest/globals';

import { findBinary, freePort, startServer, waitFor } from './real-server.ts';

test('executables are found by name', () => {
  expect(findBinary('sh')).toMatch(/^\/.*\/sh$/);
  expect(findBinary('there-is-no-such-server')).toBeUndefined();
});

test('a server is ready when it answers, and gone after stop', async () => {
  const port = await freePort();
  const script = `require('node:http').createServer((_, r) => r.end('ok')).listen(${port}, '127.0.0.1')`;
  const ready = async () => (await fetch(`http://127.0.0.1:${port}`)).ok;
  const server = await startServer({ command: process.execPath, args: ['-e', script], ready });
  expect(await ready()).toBe(true);
  await server.stop();
  await server.stop();
  expect(() => process.kill(server.pid, 0)).toThrow('ESRCH');
});

test('the error of a server that exits early has its output', async () => {
  const args = ['-e', 'console.error("no such option"); process.exit(3)'];
  const start = startServer({ command: process.execPath, args, ready: () => Promise.resolve(false) });
  await expect(start).rejects.toThrow(/it ended with 3\nno such option/);
});

test('the error of a server that cannot be started names it', async () => {
  const start = startServer({ command: '/does/not/exist', args: [], ready: () => Promise.resolve(false) });
  await expect(start).rejects.toThrow(/\/does\/not\/exist did not start: .*ENOENT/);
});

test('a timeout has the last error as its cause', async () => {
  const attempt = () => {
    throw new Error('not yet');
  };
  const waiting = waitFor(attempt, { timeout: 50, what: 'The thing' });
  await expect(waiting).rejects.toMatchObject({
    message: expect.stringMatching(/The thing .* 50 ms/),
    cause: new Error('not yet'),
  });
});
