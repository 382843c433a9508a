import { createServer, type AddressInfo, type Server } from 'node:net';

import { afterAll, beforeAll, expect, test } from '@jest/globals';

import { knock } from '../../src/host/knock.ts';
import { freePort } from '../support/servers/real-server.ts';

let server: Server;
let received = 0;

beforeAll(async () => {
  server = createServer((socket) => {
    socket.on('data', (bytes) => {
      received += bytes.length;
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});

afterAll(() => new Promise((resolve) => server.close(resolve)));

const never = new AbortController().signal;

test('a port that takes connections is open, and gets no byte', async () => {
  expect(await knock('127.0.0.1', (server.address() as AddressInfo).port, never)).toBe('open');
  expect(received).toBe(0);
});

test('a port that nobody listens on is closed: the host is there', async () => {
  expect(await knock('127.0.0.1', await freePort(), never)).toBe('closed');
});

test('what is no address is silent, without asking any name server', async () => {
  expect(await knock('localhost', 22, never)).toBe('silent');
});

test('silence ends with the signal', async () => {
  const [aborted, later] = [AbortSignal.abort(), new AbortController()];
  expect(await knock('127.0.0.1', 1, aborted)).toBe('silent');
  const answer = knock('127.0.0.1', (server.address() as AddressInfo).port, later.signal);
  later.abort();
  expect(await answer).toBe('silent');
});
