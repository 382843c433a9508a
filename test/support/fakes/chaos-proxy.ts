/** A proxy before InfluxDB that delays, cuts off or refuses requests at random. */
import { Agent, createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';

/** What happens to a request → its probability; the rest passes at once. */
export const FATES = {
  late: 0.12,
  /** The connection ends before the server has seen the request. */
  'cut before': 0.03,
  /** The connection ends after the server got half of the request. */
  'cut in the middle': 0.03,
  /** The server accepts the request, but the connection ends before its answer. */
  'cut after': 0.03,
  '503 before': 0.02,
  /** The server accepts the request, but the proxy answers 503. */
  '503 after': 0.03,
} as const satisfies Readonly<Record<string, number>>;

export type Fate = keyof typeof FATES | 'passed';

const LONGEST_DELAY_MS = 150;

export interface ChaosSettings {
  /** Base URL of the server. */
  readonly target: string;
  /** Random numbers in [0, 1) that pick the fates. */
  readonly random: () => number;
  /** Lines with this prefix are counted. */
  readonly counted: string;
}

export interface ChaosProxy {
  readonly url: string;
  /** When false, everything passes. */
  isWild: boolean;
  /** Lines that the server acknowledged, whether or not the client got the answer. */
  readonly forwardedLines: number;
  readonly fates: ReadonlyMap<Fate, number>;
  stop(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

const UNAVAILABLE: Answer = { status: 503, headers: {}, body: Buffer.from('{"error":"chaos"}') };

export async function startChaosProxy({ target, random, counted }: ChaosSettings): Promise<ChaosProxy> {
  const agent = new Agent({ keepAlive: true });
  const sockets = new Set<Socket>();
  const fates = new Map<Fate, number>();
  let forwardedLines = 0;

  const server = createServer((request, response) => {
    handle(request, response).catch(() => {
      // The client or the server closed its connection; close the other one too.
      request.socket.destroy();
    });
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const fate = proxy.isWild ? fateOf(random()) : 'passed';
    const delay = fate === 'late' ? random() * LONGEST_DELAY_MS : 0;
    fates.set(fate, (fates.get(fate) ?? 0) + 1);
    const body = await buffer(request);
    if (delay > 0) await sleep(delay);
    if (fate === 'cut in the middle') await forwardHalf(request, body);
    const answer = fate.endsWith('before') || fate.startsWith('cut in') ? UNAVAILABLE : await forward(request, body);
    if (fate.startsWith('cut')) request.socket.destroy();
    else send(response, fate.startsWith('503') ? UNAVAILABLE : answer);
  }

  async function forward(request: IncomingMessage, body: Buffer): Promise<Answer> {
    const answer = await new Promise<Answer>((resolve, reject) => {
      const forwarded = open(request, (incoming) => {
        const { statusCode: status = 0, headers } = incoming;
        buffer(incoming).then((whole) => {
          resolve({ status, headers, body: whole });
        }, reject);
      });
      forwarded.on('error', reject).end(body);
    });
    if (answer.status === 204) forwardedLines += countLines(linesOf(request, body), counted);
    return answer;
  }

  function forwardHalf(request: IncomingMessage, body: Buffer): Promise<void> {
    return new Promise((resolve) => {
      const forwarded = open(request, () => undefined);
      forwarded.on('error', () => undefined).on('close', resolve);
      forwarded.write(body.subarray(0, body.length / 2), () => forwarded.destroy());
    });
  }

  function open({ url = '/', method, headers }: IncomingMessage, onAnswer: (answer: IncomingMessage) => void) {
    return httpRequest(new URL(url, target), { agent, method, headers }, onAnswer);
  }

  const proxy: ChaosProxy = {
    url: '',
    isWild: true,
    get forwardedLines() {
      return forwardedLines;
    },
    fates,
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      agent.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return Object.defineProperty(proxy, 'url', { value: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
}

function fateOf(chance: number): Fate {
  let rest = chance;
  for (const [fate, share] of Object.entries(FATES)) {
    if (rest < share) return fate as Fate;
    rest -= share;
  }
  return 'passed';
}

function send(response: ServerResponse, { status, headers, body }: Answer): void {
  const { 'transfer-encoding': _, ...rest } = headers;
  response.writeHead(status, { ...rest, 'content-length': body.length });
  response.end(body);
}

function linesOf({ headers }: IncomingMessage, body: Buffer): Buffer {
  return headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
}

function countLines(lines: Buffer, beginning: string): number {
  const later = Buffer.from(`\n${beginning}`);
  let count = lines.indexOf(beginning) === 0 ? 1 : 0;
  for (let at = lines.indexOf(later); at !== -1; at = lines.indexOf(later, at + later.length)) count += 1;
  return count;
}
