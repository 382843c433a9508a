/** One connection to one broker. One request at a time; answers are bounded. */
import { connect as connectPlain, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

import { errorCode, type Clock, type TlsMaterial } from '../../plugin/index.ts';

import { NONE, nameOf, ProtocolError } from './protocol/errors.ts';
import {
  apiVersions,
  saslAuthenticate,
  saslHandshake,
  type ApiVersions,
  type Authentication,
  type Request,
} from './protocol/requests.ts';
import { authenticate, type Login } from './protocol/sasl.ts';
import { Reader, Writer } from './protocol/wire.ts';

export interface BrokerSettings {
  readonly clientId: string;
  /** Undefined: no TLS. */
  readonly tls: TlsMaterial | undefined;
  /** Undefined: no SASL. */
  readonly login: Login | undefined;
  readonly clock: Clock;
}

/** Metadata of a thousand partitions takes some 40 KB. */
const MAX_ANSWER_BYTES = 4 * 1024 * 1024;
const CONNECT_TIMEOUT_MS = 10_000;

/** Share of its lifetime after which an authenticated connection is not used any more. */
const LIFETIME_IN_USE = 0.8;

/** How far the connection got: a broker refuses a wrong port by closing it without a word. */
type Stage = 'connect' | 'hello' | 'login' | 'first request' | 'in use';

interface Pending {
  readonly resolve: (answer: Buffer) => void;
  readonly reject: (error: unknown) => void;
}

export class Broker {
  readonly #settings: BrokerSettings;
  readonly #socket: Socket;
  #stage: Stage = 'connect';
  #failure: Error | undefined;
  #versions: ApiVersions = new Map();
  /** On the clock's `elapsed`. */
  #expiresAt = Infinity;
  #correlation = 0;
  #pending: Pending | undefined;
  /** Its length first, then the answer. */
  #answer = Buffer.alloc(4);
  #filled = 0;
  #isLength = true;

  /** Starts connecting. @param address host:port */
  constructor(address: string, settings: BrokerSettings) {
    this.#settings = settings;
    this.#socket = openSocket(address, settings.tls);
    this.#socket.setNoDelay(true).setKeepAlive(true, 60_000);
    this.#socket.on('data', (chunk: Buffer) => {
      this.#receive(chunk);
    });
    this.#socket.on('error', (error) => {
      const isClosed = ['ECONNRESET', 'EPIPE'].includes(errorCode(error) ?? '');
      this.drop(isClosed ? new Error(this.#closedText(), { cause: error }) : error);
    });
    // The first of the two: a request on a connection that is half closed would fail.
    for (const event of ['end', 'close']) {
      this.#socket.once(event, () => {
        this.drop(new Error(this.#closedText()));
      });
    }
  }

  /** False after a failure, and when the broker is about to close the connection. */
  get isUsable(): boolean {
    return this.#failure === undefined && this.#settings.clock.elapsed() < this.#expiresAt;
  }

  get versions(): ApiVersions {
    return this.#versions;
  }

  /** Resolves when the broker accepts requests. Called once. */
  async open(): Promise<void> {
    const { login, clock, tls } = this.#settings;
    const done = new AbortController();
    const timeout = clock.signal(CONNECT_TIMEOUT_MS);
    const onTimeout = () => {
      this.drop(new Error(`does not answer within ${CONNECT_TIMEOUT_MS / 1000} s`));
    };
    timeout.addEventListener('abort', onTimeout, { signal: done.signal });
    try {
      await this.#connected(tls === undefined ? 'connect' : 'secureConnect');
      this.#stage = 'hello';
      this.#versions = await this.request(apiVersions);
      this.#stage = 'login';
      if (login !== undefined) await this.#login(login);
      this.#stage = 'first request';
    } finally {
      done.abort();
    }
  }

  /** @throws the reason why the connection failed; it cannot be used any more then */
  async request<Answer>(request: Request<Answer>): Promise<Answer> {
    this.#correlation += 1;
    const { key, version } = request;
    const body = new Writer().int16(key).int16(version).int32(this.#correlation).string(this.#settings.clientId);
    request.write(body);
    const answer = new Reader(await this.#exchange(body.written));
    try {
      if (answer.int32() !== this.#correlation) throw new RangeError('the answer is to another request');
      const result = request.read(answer);
      if (this.#stage === 'first request') this.#stage = 'in use';
      return result;
    } catch (error) {
      const failure = new Error('answers with something that is not Kafka; correct brokers', { cause: error });
      this.drop(failure);
      throw failure;
    }
  }

  /** Closes the connection at once. Requests fail with the error. */
  drop(error: Error): void {
    if (this.#failure !== undefined) return;
    this.#failure = error;
    this.#socket.destroy();
    this.#pending?.reject(error);
  }

  #connected(event: 'connect' | 'secureConnect'): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#pending = { resolve: () => undefined, reject };
      if (this.#failure !== undefined) reject(this.#failure);
      this.#socket.once(event, () => {
        this.#pending = undefined;
        resolve();
      });
    });
  }

  async #exchange(body: Buffer): Promise<Buffer> {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#pending !== undefined) throw new Error('a request is already running');
    try {
      return await new Promise<Buffer>((resolve, reject) => {
        this.#pending = { resolve, reject };
        this.#socket.write(new Writer(4).int32(body.length).written);
        this.#socket.write(body);
      });
    } finally {
      this.#pending = undefined;
    }
  }

  #receive(chunk: Buffer): void {
    for (let rest = chunk; rest.length > 0 && this.#failure === undefined;) {
      const taken = rest.copy(this.#answer, this.#filled);
      this.#filled += taken;
      rest = rest.subarray(taken);
      if (this.#filled === this.#answer.length) this.#received(this.#answer);
    }
  }

  #received(bytes: Buffer): void {
    const wasLength = this.#isLength;
    const length = wasLength ? bytes.readInt32BE() : 4;
    if (length < 4 || length > MAX_ANSWER_BYTES || (!wasLength && this.#pending === undefined)) {
      this.drop(new Error(foreignText(bytes)));
      return;
    }
    this.#answer = Buffer.allocUnsafe(length);
    this.#filled = 0;
    this.#isLength = !wasLength;
    if (!wasLength) this.#pending?.resolve(bytes);
  }

  async #login(login: Login): Promise<void> {
    const mechanism = login.mechanism.toUpperCase();
    const { error, mechanisms } = await this.request(saslHandshake(mechanism));
    if (error !== NONE) throw new ProtocolError(nameOf(error), mechanisms.join(', '));
    let last: Authentication | undefined;
    await authenticate(login, async (bytes) => {
      last = await this.request(saslAuthenticate(bytes, this.#versions));
      // The message of the broker is not quoted: it may repeat what was sent.
      if (last.error !== NONE) throw new ProtocolError(nameOf(last.error));
      return last.bytes;
    });
    const lifetime = last?.lifetime ?? 0;
    if (lifetime > 0) this.#expiresAt = this.#settings.clock.elapsed() + lifetime * LIFETIME_IN_USE;
  }

  #closedText(): string {
    const { tls, login } = this.#settings;
    if (this.#stage === 'connect' && tls !== undefined)
      return 'closed the connection during the TLS handshake; if this port is not for TLS, set enable_tls: false';
    if (this.#stage === 'hello' && tls === undefined)
      return 'closed the connection at the first request; if this port is for TLS, set enable_tls';
    if (this.#stage === 'hello')
      return 'closed the connection after the TLS handshake; if it requires a client certificate, set tls.cert and tls.key';
    if (this.#stage === 'first request' && login === undefined)
      return 'closed the connection because of a request without a login; it requires SASL: set sasl';
    if (this.#stage === 'login') return 'closed the connection during the login; check sasl';
    return 'closed the connection before the answer';
  }
}

/** What the first bytes of an answer tell about a server that does not speak Kafka. */
function foreignText(bytes: Buffer): string {
  // A TLS alert: content type 21, version 3.x.
  if (bytes[0] === 21 && bytes[1] === 3) return 'answers with TLS; set enable_tls';
  return 'answers with something that is not Kafka; correct brokers';
}

function openSocket(address: string, tls: TlsMaterial | undefined): Socket {
  const colon = address.lastIndexOf(':');
  const host = address.slice(0, colon).replace(/^\[|\]$/g, '');
  const port = Number(address.slice(colon + 1));
  if (tls === undefined) return connectPlain({ host, port });
  return connectTls({ host, port, ...(isIP(host) === 0 ? { servername: host } : {}), ...tls });
}
