/** Whether something is behind an address: a TCP connection is opened and closed, and nothing is sent. */
import { connect, isIP } from 'node:net';

/** `closed`: the host is there and refuses the port. */
export type KnockAnswer = 'open' | 'closed' | 'silent';

export type Knock = (address: string, port: number, signal: AbortSignal) => Promise<KnockAnswer>;

/** Never rejects: no route, no answer until the signal aborts, and what is no IP address, are silence. */
export const knock: Knock = (address, port, signal) => {
  if (signal.aborted || isIP(address) === 0) return Promise.resolve('silent');
  return new Promise((resolve) => {
    const socket = connect({ host: address, port });
    const end = (answer: KnockAnswer) => {
      signal.removeEventListener('abort', onAbort);
      socket.destroy();
      resolve(answer);
    };
    const onAbort = () => {
      end('silent');
    };
    signal.addEventListener('abort', onAbort, { once: true });
    socket.once('connect', () => {
      end('open');
    });
    socket.once('error', (error: NodeJS.ErrnoException) => {
      end(error.code === 'ECONNREFUSED' ? 'closed' : 'silent');
    });
  });
};
