import { createSocket } from 'node:dgram';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, Server as TlsServer } from 'node:tls';

import { afterEach, describe, expect, it } from '@jest/globals';

import { sendDatagrams, sendStream } from '../../src/host/socket-client.ts';
import { freePort, waitFor } from '../support/servers/real-server.ts';
import { selfSigned } from '../support/kit/certificate.ts';

const NEVER = new AbortController().signal;
const BYTES = Buffer.from('one\ntwo\n');
const servers: Server[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))));
});

async function serve(onConnection: (socket: Socket) => void, server = createServer({ allowHalfOpen: true })) {
  servers.push(server);
  server.on(server instanceof TlsServer ? 'secureConnection' : 'connection', onConnection);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
}

describe('a stream', () => {
  it('is delivered when the server has read everything and closed', async () => {
    let received = '';
    const to = await serve((socket) => {
      socket.on('data', (chunk: Buffer) => (received += chunk.toString()));
      socket.on('end', () => socket.end());
    });
    await sendStream(to, BYTES, NEVER);
    expect(received).toBe('one\ntwo\n');
  });

  it('is not delivered while the server keeps the connection open', async () => {
    const sockets: Socket[] = [];
    const to = await serve((socket) => {
      sockets.push(socket);
      socket.on('error', () => undefined).resume();
    });
    const stop = new AbortController();
    const sending = sendStream(to, BYTES, stop.signal);
    await waitFor(() => sockets[0]?.readableEnded === true);
    stop.abort(new Error('its time is over'));
    await expect(sending).rejects.toThrow(`127.0.0.1:${to.port}: its time is over`);
    for (const socket of sockets) socket.destroy();
  });

  it('is not delivered when the server breaks off', async () => {
    const to = await serve((socket) => socket.once('data', () => socket.resetAndDestroy()));
    await expect(sendStream(to, BYTES, NEVER)).rejects.toThrow(/the connection was closed before/);
  });

  it('is not delivered when the server closes before it has read everything', async () => {
    const to = await serve((socket) => {
      socket.on('error', () => undefined);
      socket.end();
      socket.destroySoon();
    });
    await expect(sendStream(to, Buffer.alloc(20_000_000), NEVER)).rejects.toThrow(/the connection was closed before/);
  });

  it('is not delivered when the server closes at once, also if it has taken less than one packet', async () => {
    const to = await serve((socket) => socket.on('error', () => undefined).destroy());
    for (let attempt = 0; attempt < 20; attempt += 1) {
      await expect(sendStream(to, BYTES, NEVER)).rejects.toThrow(/the connection was closed before/);
    }
    await expect(sendStream(to, Buffer.alloc(0), NEVER)).rejects.toThrow(/the connection was closed before/);
  });

  it('says what to do when nothing listens there', async () => {
    const to = { host: '127.0.0.1', port: await freePort() };
    await expect(sendStream(to, BYTES, NEVER)).rejects.toThrow(
      `127.0.0.1:${to.port}: nothing listens there; start the server or correct its address (ECONNREFUSED)`,
    );
  });

  it('goes nowhere when its time is over before it began', async () => {
    const to = await serve((socket) => socket.destroy());
    await expect(sendStream(to, BYTES, AbortSignal.abort(new Error('too late')))).rejects.toThrow('too late');
  });

  it('over TLS trusts the authority that is named, and no other', async () => {
    const { cert, key } = await selfSigned();
    let received = '';
    const to = await serve(
      (socket) => {
        socket.on('data', (chunk: Buffer) => (received += chunk.toString()));
        socket.on('end', () => socket.end());
      },
      createTlsServer({ cert, key }).on('tlsClientError', () => undefined),
    );
    await expect(sendStream({ ...to, tls: { rejectUnauthorized: true } }, BYTES, NEVER)).rejects.toThrow(
      'its certificate is self-signed; name its authority in tls.ca (DEPTH_ZERO_SELF_SIGNED_CERT)',
    );
    const tls = { ca: Buffer.from(cert), rejectUnauthorized: true };
    await sendStream({ ...to, tls }, BYTES, NEVER);
    await sendStream({ ...to, tls: { ...tls, servername: 'service.test' } }, BYTES, NEVER);
    await expect(sendStream({ ...to, tls: { ...tls, servername: 'other.test' } }, BYTES, NEVER)).rejects.toThrow(
      'its certificate is for another name',
    );
    expect(received).toBe('one\ntwo\n'.repeat(2));
  });
});

describe('datagrams', () => {
  it('arrive one by one', async () => {
    const received: string[] = [];
    const server = createSocket('udp4').on('message', (message) => received.push(message.toString()));
    await new Promise<void>((resolve) => server.bind(0, '127.0.0.1', resolve));
    const to = { host: '127.0.0.1', port: server.address().port };
    await sendDatagrams(to, [Buffer.from('one'), Buffer.from('two')], NEVER);
    await waitFor(() => received.length === 2);
    expect(received).toEqual(['one', 'two']);
    await new Promise<void>((resolve) => server.close(resolve));
  });

  it('are too large for one packet: the error says where', async () => {
    const to = { host: '127.0.0.1', port: await freePort() };
    await expect(sendDatagrams(to, [Buffer.alloc(70_000)], NEVER)).rejects.toThrow(`127.0.0.1:${to.port}: `);
  });

  it('to a host that is not known: the error says that', async () => {
    const to = { host: 'no-such-host.invalid', port: 9 };
    await expect(sendDatagrams(to, [BYTES], NEVER)).rejects.toThrow(
      /^no-such-host\.invalid:9: .*\((?:ENOTFOUND|EAI_AGAIN)\)$/,
    );
  });

  it('that nobody takes are not delivered, as far as the system knows', async () => {
    const to = { host: '127.0.0.1', port: await freePort() };
    const many = Array.from({ length: 100 }, () => Buffer.from('x'));
    await expect(sendDatagrams(to, many, NEVER)).rejects.toThrow(/nothing listens there/);
  });
});
