/**
 * A second opinion about hosts that the hub does not hear: whether the host answers at the addresses that its agent has reported. It
 * decides nothing, and tells people where to look.
 */
import { isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';

import type { Clock } from '../core/clock.ts';
import type { Knock, KnockAnswer } from '../host/knock.ts';

import type { HostRecord } from './records.ts';

export interface ProbesOptions {
  readonly knock: Knock;
  /** None: nobody is asked. */
  readonly ports: () => readonly number[];
  readonly clock: Clock;
}

interface Opinion {
  /** On the clock's `elapsed`. */
  at: number;
  /** Undefined until the first answer. */
  text: string | undefined;
}

/** Hosts that are asked at the same time. */
const MOST_AT_ONCE = 32;
const MOST_ADDRESSES = 4;
const TIMEOUT_MS = 2000;
/** So that the opinion is fresh when the host is down. ms. */
const AGAIN_MS = 10_000;
const AGAIN_DOWN_MS = 300_000;

export class Probes {
  readonly #options: ProbesOptions;
  readonly #opinions = new WeakMap<HostRecord, Opinion>();
  readonly #asked = new Set<HostRecord>();
  readonly #stopping = new AbortController();

  constructor(options: ProbesOptions) {
    this.#options = options;
  }

  /** To be called each second for each host. */
  look(host: HostRecord): void {
    const { presence } = host;
    if (presence === 'up' || presence === 'stopped' || presence === 'pending') {
      this.#opinions.delete(host);
      return;
    }
    const { clock } = this.#options;
    const before = this.#opinions.get(host);
    const again = presence === 'down' ? AGAIN_DOWN_MS : AGAIN_MS;
    if (this.#asked.has(host) || (before !== undefined && clock.elapsed() - before.at < again)) return;
    // The others are asked in the next second.
    if (this.#asked.size < MOST_AT_ONCE) void this.#ask(host);
  }

  /** Continues a sentence: `but the host answers on port 22`. Undefined while nobody has been asked. */
  opinionOf(host: HostRecord): string | undefined {
    return this.#opinions.get(host)?.text;
  }

  stop(): void {
    this.#stopping.abort();
  }

  async #ask(host: HostRecord): Promise<void> {
    const { knock, ports, clock } = this.#options;
    const targets = addressesOf(host).flatMap((address) => ports().map((port) => ({ address, port })));
    if (targets.length === 0) return;
    const opinion: Opinion = { at: clock.elapsed(), text: this.#opinions.get(host)?.text };
    this.#opinions.set(host, opinion);
    this.#asked.add(host);
    const signal = AbortSignal.any([this.#stopping.signal, clock.signal(TIMEOUT_MS)]);
    const answers = await Promise.all(
      targets.map(async ({ address, port }) => ({ port, answer: await knock(address, port, signal) })),
    );
    this.#asked.delete(host);
    opinion.text = textOf(answers, ports());
  }
}

/** Not those that mean another machine at each, or the hub itself: a bridge of containers has the same address everywhere. */
function addressesOf({ addresses }: HostRecord): readonly string[] {
  const own = new Set(Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map(({ address }) => address)));
  return addresses.filter((address) => !own.has(address) && !isLocal(address)).slice(0, MOST_ADDRESSES);
}

function isLocal(address: string): boolean {
  const first = address.toLowerCase();
  if (isIPv6(first)) return first === '::' || first === '::1' || /^(fe[89ab]|ff|::ffff:)/.test(first);
  const [a = 0, b = 0] = first.split('.').map(Number);
  return a === 0 || a === 127 || a >= 224 || (a === 169 && b === 254);
}

function textOf(
  answers: readonly { readonly port: number; readonly answer: KnockAnswer }[],
  ports: readonly number[],
): string {
  const open = answers.find(({ answer }) => answer === 'open');
  if (open !== undefined) return `but the host answers on port ${open.port}`;
  const closed = answers.find(({ answer }) => answer === 'closed');
  if (closed !== undefined) return `but the host is there: it refuses port ${closed.port}`;
  return `and the host does not answer on port ${ports.join(' or ')}`;
}
