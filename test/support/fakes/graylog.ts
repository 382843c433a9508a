/**
 * Graylog's GELF inputs. They store messages that GELF 1.1 allows and refuse all others: by resetting a stream, with status 400,
 * or, since UDP has no answers, in a list.
 */
import { createSocket } from 'node:dgram';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { gunzipSync, inflateSync } from 'node:zlib';

import { z } from 'zod';

import { startStreamServer, type StreamServer, type StreamServerSettings } from './stream-server.ts';

const message = z
  .object({
    version: z.literal('1.1'),
    host: z.string().min(1),
    short_message: z.string().min(1),
    timestamp: z.number().nonnegative(),
    level: z.number().int().min(0).max(7),
  })
  .catchall(z.union([z.string(), z.number()]))
  .superRefine((fields, context) => {
    const { version: _1, host: _2, short_message: _3, timestamp: _4, level: _5, ...additional } = fields;
    const wrong = Object.keys(additional).filter((name) => !/^_[\w.-]+$/.test(name) || name === '_id');
    if (wrong.length > 0) context.addIssue({ code: 'custom', message: `wrong names: ${wrong.join(' ')}` });
  });

export type GelfMessage = z.output<typeof message>;

function parsed(bytes: Uint8Array): GelfMessage {
  return message.parse(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)));
}

export async function startGelfTcp(
  settings: Pick<StreamServerSettings, 'certificate'> = {},
): Promise<StreamServer & { readonly messages: readonly GelfMessage[] }> {
  const messages: GelfMessage[] = [];
  const take = (stream: Buffer) => {
    const parts = stream.toString('latin1').split('\0');
    if (parts.pop() !== '') throw new Error('The last message does not end with a null byte');
    messages.push(...parts.map((part) => parsed(Buffer.from(part, 'latin1'))));
  };
  return { ...(await startStreamServer({ ...settings, take })), messages };
}

export interface GelfUdp {
  readonly port: number;
  readonly messages: readonly GelfMessage[];
  /** Bytes of each packet. */
  readonly sizes: readonly number[];
  /** The first bytes of each message before decompression. */
  readonly beginnings: readonly string[];
  readonly refusals: readonly unknown[];
  stop(): Promise<void>;
}

export async function startGelfUdp(): Promise<GelfUdp> {
  const messages: GelfMessage[] = [];
  const sizes: number[] = [];
  const beginnings: string[] = [];
  const refusals: unknown[] = [];
  const join = joiner();
  const socket = createSocket('udp4').on('message', (datagram) => {
    sizes.push(datagram.length);
    try {
      const whole = join(datagram);
      if (whole === undefined) return;
      beginnings.push(whole.subarray(0, 2).toString('hex'));
      messages.push(parsed(decompressed(whole)));
    } catch (error) {
      refusals.push(error);
    }
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  return {
    port: socket.address().port,
    messages,
    sizes,
    beginnings,
    refusals,
    stop: () =>
      new Promise((resolve) => {
        socket.close(resolve);
      }),
  };
}

/** Reassembles chunks that arrive in any order. */
function joiner(): (datagram: Buffer) => Buffer | undefined {
  const waiting = new Map<string, (Buffer | undefined)[]>();
  return (datagram) => {
    if (datagram.readUInt16BE(0) !== 0x1e0f) return datagram;
    const id = datagram.toString('hex', 2, 10);
    const [index, count] = [datagram.readUInt8(10), datagram.readUInt8(11)];
    const chunks = waiting.get(id) ?? Array.from({ length: count }, () => undefined);
    if (count < 1 || count > 128 || index >= count || chunks.length !== count)
      throw new Error(`Chunk ${index}/${count}`);
    if (chunks[index] !== undefined) throw new Error(`Chunk ${index} came twice`);
    chunks[index] = datagram.subarray(12);
    waiting.set(id, chunks);
    const whole = chunks.filter((chunk) => chunk !== undefined);
    if (whole.length < count) return undefined;
    waiting.delete(id);
    return Buffer.concat(whole);
  };
}

function decompressed(bytes: Buffer): Buffer {
  if (bytes.readUInt16BE(0) === 0x1f8b) return gunzipSync(bytes);
  return bytes.readUInt8(0) === 0x78 ? inflateSync(bytes) : bytes;
}

export interface GelfHttpSettings {
  /** The expected `authorization` header. */
  readonly authorization?: string;
  /** Bytes of one message. */
  readonly maxMessage?: number;
}

export interface GelfHttp {
  readonly url: string;
  readonly messages: readonly GelfMessage[];
  /** Status of every answer from now on; undefined: as Graylog answers. */
  fail: number | undefined;
  stop(): Promise<void>;
}

export async function startGelfHttp({ authorization, maxMessage = 65_536 }: GelfHttpSettings = {}): Promise<GelfHttp> {
  const messages: GelfMessage[] = [];
  const answer = async (request: IncomingMessage): Promise<number> => {
    const body = await buffer(request);
    if (input.fail !== undefined) return input.fail;
    if (authorization !== undefined && request.headers.authorization !== authorization) return 401;
    if (request.method !== 'POST') return 405;
    if (request.url !== '/gelf') return 404;
    if (body.length > maxMessage) return 413;
    try {
      messages.push(parsed(body));
      return 202;
    } catch {
      return 400;
    }
  };
  const server = createServer((request, response) => {
    void answer(request).then((status) => response.writeHead(status, { 'retry-after': '7' }).end());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const input: GelfHttp = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    messages,
    fail: undefined,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
  return input;
}
