/**
 * One reader of server-sent events. What the reader does not take waits in the socket's buffer, which is bounded: a reader with
 * more than that is dropped, and so is one that takes nothing for a while.
 */
import type { ServerResponse } from 'node:http';

import type { Clock } from '../core/clock.ts';

import type { EventSink } from './answer.ts';

/** Bytes that may wait for one reader. */
const MAX_WAITING_BYTES = 1024 * 1024;

/** Comments keep proxies from ending a silent stream. */
const HEARTBEAT_MS = 15_000;

export const STREAM_HEADERS = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-store',
  // For nginx, which would hold events back.
  'x-accel-buffering': 'no',
} as const;

export function openSink(response: ServerResponse, clock: Clock): EventSink {
  const closed = new AbortController();
  const drop = () => {
    response.destroy();
  };
  const write = (text: string): boolean => {
    if (response.destroyed || response.writableEnded) return true;
    const isTaken = response.write(text);
    if (response.writableLength <= MAX_WAITING_BYTES) return isTaken;
    drop();
    return true;
  };
  const endHeartbeat = beat(response, clock, write, drop);
  response.once('close', () => {
    endHeartbeat();
    closed.abort();
  });
  if (response.destroyed) closed.abort();
  return {
    closed: closed.signal,
    drop,
    get isBehind() {
      return response.writableLength > 0;
    },
    send: (event, data) => {
      write(frame(event, data));
    },
    sendAndWait: async (event, data) => {
      if (!write(frame(event, data))) await drained(response);
    },
  };
}

/** @param data without newlines, as JSON is */
function frame(event: string, data: string): string {
  return `event: ${event}\ndata: ${data}\n\n`;
}

/** Drops the reader if it has taken nothing from one heartbeat to the next. @returns ends it */
function beat(response: ServerResponse, clock: Clock, write: (text: string) => boolean, drop: () => void): () => void {
  let taken = -1;
  let cancel = clock.after(HEARTBEAT_MS, tick);
  function tick(): void {
    const sent = (response.socket?.bytesWritten ?? 0) - response.writableLength;
    if (response.writableLength > 0 && sent === taken) {
      drop();
      return;
    }
    taken = sent;
    write(': heartbeat\n\n');
    cancel = clock.after(HEARTBEAT_MS, tick);
  }
  return () => {
    cancel();
  };
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      response.off('drain', done);
      response.off('close', done);
      resolve();
    };
    response.once('drain', done);
    response.once('close', done);
  });
}
