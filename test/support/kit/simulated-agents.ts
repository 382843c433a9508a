/** Many agents in this process: each has its key and session, says every five seconds that it is there, and sends a few lines. */
import { sign } from 'node:crypto';
import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

import { PROTOCOL, signedText, type HostEvidence } from '../../../src/api/hub-protocol.ts';
import { newKey, type AgentKey } from '../../../src/host/hub/membership.ts';

export const HEARTBEAT_MS = 5000;
/** Lines with each heartbeat. */
const LINES = 3;
/** Requests of agents that join. */
const AT_A_TIME = 8;

interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

export class SimulatedAgents {
  readonly members: SimulatedAgent[] = [];
  readonly #hub: string;
  readonly #connections = new Agent({ keepAlive: true, maxSockets: 64 });
  #isClosed = false;

  /** @param hub address without a path */
  constructor(hub: string) {
    this.#hub = hub;
  }

  /** They speak from now on. @param token of as many uses */
  async join(token: string, names: readonly string[]): Promise<readonly SimulatedAgent[]> {
    const joined: SimulatedAgent[] = [];
    const waiting = [...names];
    const work = async () => {
      for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
        const member = new SimulatedAgent(name, (...args) => this.#post(...args));
        await member.join(token);
        joined.push(member);
        void this.#live(member);
      }
    };
    await Promise.all(Array.from({ length: AT_A_TIME }, work));
    this.members.push(...joined);
    return joined;
  }

  close(): void {
    this.#isClosed = true;
    this.#connections.destroy();
  }

  async #live(member: SimulatedAgent): Promise<void> {
    while (!this.#isClosed) {
      if (!member.isSilent) await member.speak();
      await sleep(HEARTBEAT_MS, undefined, { ref: false });
    }
  }

  #post(path: string, body: unknown, token?: string): Promise<Answer> {
    const bytes = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
    const type = typeof body === 'string' ? 'text/plain' : 'application/json';
    return new Promise((resolve, reject) => {
      const headers = {
        'content-type': type,
        'content-length': bytes.length,
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      };
      const url = `${this.#hub}/api/v1/agents/${path}`;
      const sent = request(url, { method: 'POST', agent: this.#connections, headers }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (part: string) => (text += part));
        response.on('error', reject);
        response.on('end', () => {
          const parsed = text === '' ? {} : (JSON.parse(text) as Answer['body']);
          resolve({ status: response.statusCode ?? 0, body: parsed });
        });
      });
      sent.on('error', reject);
      sent.end(bytes);
    });
  }
}

export class SimulatedAgent {
  readonly name: string;
  isSilent = false;
  /** Lines that the hub has confirmed. */
  confirmed = 0;
  readonly #post: (path: string, body: unknown, token?: string) => Promise<Answer>;
  readonly #key: AgentKey = newKey();
  readonly #evidence: HostEvidence;
  #id = '';
  #session: string | undefined;
  #next = 1;

  constructor(name: string, post: (path: string, body: unknown, token?: string) => Promise<Answer>) {
    this.name = name;
    this.#post = post;
    const [version, start] = ['0.0.0', `start of ${name}`];
    this.#evidence = {
      ...{ name, version, start, machine: `machine of ${name}`, boot: 'boot', bootedAt: 0, addresses: [] },
      protocol: PROTOCOL,
    };
  }

  async join(token: string): Promise<void> {
    const { body } = await this.#post('join', { key: this.#key.publicKey, host: this.#evidence }, token);
    if (typeof body['id'] !== 'string') throw new Error(`${this.name} cannot join: ${JSON.stringify(body)}`);
    this.#id = body['id'];
  }

  /** What fails is tried again with the next heartbeat. */
  async speak(): Promise<void> {
    try {
      const token = (this.#session ??= await this.#signIn());
      const message = { offsetMs: 0, name: this.name, tags: {}, pending: 0 };
      const { status } = await this.#post('heartbeat', message, token);
      if (status !== 200) this.#session = undefined;
      else await this.#send(token);
    } catch {
      // The hub is away.
    }
  }

  async #send(token: string): Promise<void> {
    const [from, to] = [this.#next, this.#next + LINES];
    const lines = Array.from({ length: LINES }, (_, at) => `m,host=${this.name},at=${at} v=${from + at}i\n`).join('');
    const { status } = await this.#post(`lines?from=${from}&to=${to}&size=${LINES}`, lines, token);
    if (status !== 204) return;
    this.#next = to;
    this.confirmed += LINES;
  }

  async #signIn(): Promise<string> {
    const { body } = await this.#post('nonce', { id: this.#id });
    const nonce = String(body['nonce']);
    const text = signedText(this.#id, nonce, this.#evidence.start);
    const signature = sign(null, text, this.#key.privateKey).toString('base64url');
    const wish = { id: this.#id, nonce, signature, nextLine: this.#next, host: this.#evidence };
    const { body: session } = await this.#post('session', wish);
    if (typeof session['token'] !== 'string') throw new Error(JSON.stringify(session));
    return session['token'];
  }
}
