/** Streams and datagrams for outputs whose protocol has no answers. */
import { createSocket, type Socket as DatagramSocket } from 'node:dgram';
import { connect as connectPlain, isIP, type Socket } from 'node:net';
import { connect as connectTls, TLSSocket } from 'node:tls';

import { systemClock } from '../core/clock.ts';
import { RetryableError } from '../plugin/errors.ts';
import { networkReason } from '../core/network-error.ts';
import type { SendDatagrams, SendStream, StreamTarget } from '../plugin/index.ts';

const REMEDIES = { start: 'start the server or correct its address', trust: 'name its authority in tls.ca' };

export const sendStream: SendStream = async (to, bytes, signal) => {
  signal.throwIfAborted();
  const socket = openStream(to);
  try {
    await untilClosed(socket, bytes, signal);
  } catch (error) {
    throw failure(to, error, signal);
  } finally {
    socket.destroy();
  }
};

function openStream({ host, port, tls }: StreamTarget): Socket {
  if (tls === undefined) return connectPlain({ host, port });
  // A name is sent to the server so that it can choose its certificate; an address must not be (RFC 6066, 3).
  return connectTls({ host, port, ...(isIP(host) === 0 ? { servername: host } : {}), ...tls });
}

/** Node emits `close` after both sides have ended, or after an error. */
function untilClosed(socket: Socket, bytes: Uint8Array, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    let haveWeEnded = false;
    let hasServerRead = false;
    const onAbort = () => {
      reject(signal.reason as Error);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    socket.once('end', () => {
      hasServerRead = haveWeEnded;
    });
    socket.once('error', reject);
    socket.once('close', () => {
      signal.removeEventListener('abort', onAbort);
      if (hasServerRead && socket.writableFinished) resolve();
      else reject(new Error('the connection was closed before everything was sent'));
    });
    // Anything the server sends is read and discarded: otherwise its end is never seen.
    let received = 0;
    socket.on('data', (chunk: Buffer) => {
      received += chunk.length;
      if (received > MAX_RECEIVED_BYTES)
        reject(new Error('the server keeps sending data, so it speaks another protocol; check the address'));
    });
    socket.write(bytes);
    afterRoundTrip(socket, () => {
      haveWeEnded = true;
      socket.end();
    });
  });
}

/** These protocols have no answers; a server of another protocol may greet. */
const MAX_RECEIVED_BYTES = 65_536;

/** Milliseconds. */
const MOST_ROUND_TRIP = 1000;
const MARGIN = 5;

/**
 * A server that refuses a client (too many, or no certificate) may close as cleanly as one that has read everything. It
 * does so at once, not in answer to our end; so our end waits until such a close would have arrived. A server that closes
 * later leaves bytes unread, and its system answers with a reset.
 */
function afterRoundTrip(socket: Socket, callback: () => void): void {
  const begun = systemClock.elapsed();
  socket.once(socket instanceof TLSSocket ? 'secureConnect' : 'connect', () => {
    const roundTrip = Math.min(systemClock.elapsed() - begun, MOST_ROUND_TRIP);
    const cancel = systemClock.after(roundTrip + MARGIN, () => {
      // After a blocked event loop, process what has arrived first.
      setImmediate(() => {
        if (!socket.destroyed) callback();
      });
    });
    socket.once('close', cancel);
  });
}

export const sendDatagrams: SendDatagrams = async (to, datagrams, signal) => {
  signal.throwIfAborted();
  const socket = createSocket(isIP(to.host) === 6 ? 'udp6' : 'udp4');
  let refusal: Error | undefined;
  socket.on('error', (error) => {
    refusal ??= error;
  });
  try {
    await connectDatagrams(socket, to);
    for (const datagram of datagrams) {
      signal.throwIfAborted();
      await sendDatagram(socket, datagram);
      if (refusal !== undefined) throw refusal;
    }
  } catch (error) {
    throw failure(to, error, signal);
  } finally {
    socket.close();
  }
};

/** On a connected socket the system reports that nothing listens on the port. */
function connectDatagrams(socket: DatagramSocket, { host, port }: Pick<StreamTarget, 'host' | 'port'>): Promise<void> {
  return new Promise((resolve, reject) => {
    // Node passes an error, such as an unknown name; its types do not say so.
    socket.connect(port, host, (error?: Error | null) => {
      if (error === undefined || error === null) resolve();
      else reject(error);
    });
  });
}

function sendDatagram(socket: DatagramSocket, datagram: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.send(datagram, (error) => {
      if (error === null) resolve();
      else reject(error);
    });
  });
}

function failure({ host, port }: Pick<StreamTarget, 'host' | 'port'>, error: unknown, signal: AbortSignal): Error {
  const thrown: unknown = signal.aborted ? signal.reason : error;
  return new RetryableError(`${host}:${port}: ${networkReason(thrown, REMEDIES)}`, { cause: thrown });
}
