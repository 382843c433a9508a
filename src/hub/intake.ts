/** What agents do at the hub. */
import type { Heartbeat, HeartbeatAnswer, JoinRequest, SessionRequest } from '../api/hub-protocol.ts';
import type { Clock } from '../core/clock.ts';
import { printable } from '../core/printable.ts';
import { parseLinesInSteps } from '../metric/line-protocol.ts';
import type { Metric } from '../metric/metric.ts';
import { inTurns, type oneAtATime, type Storage } from '../plugin/index.ts';

import type { AgentIntake, AgentSession, AlertIntake } from './control.ts';
import { CLAIMED_HOST } from './host-tags.ts';
import { checkMember } from './hub.ts';
import type { InOrder } from './in-order.ts';
import { wantsKey } from './keys.ts';
import { notAhead } from './not-ahead.ts';
import type { OpenHub } from './open.ts';
import { isKnown } from './positions.ts';
import type { HostRecord } from './records.ts';

export interface IntakeTools {
  /** Takes a metric of another host on its way to the journal. */
  readonly push: (metric: Metric, host: string) => void;
  readonly storage: Storage;
  /** Takes alerts of hosts. Undefined without alerts. */
  readonly alerts?: () => AlertIntake | undefined;
  readonly clock: Clock;
}

export interface IntakeOptions extends IntakeTools {
  readonly inOrder: InOrder;
  /** What is made of a batch takes many times its memory; and so one that sends without end waits for the others. */
  readonly oneByOne: ReturnType<typeof oneAtATime>;
}

/** Texts of bad lines in one answer. */
const MOST_NAMED = 100;
/** Of one request. */
const MOST_LINES = 200_000;
/** Names in one warning. */
const MOST_CLAIMED = 5;
/** Of these names together, characters. */
const MOST_LENGTH = 200;

export class Intake implements AgentIntake {
  readonly #open: OpenHub;
  readonly #options: IntakeOptions;

  constructor(open: OpenHub, options: IntakeOptions) {
    this.#open = open;
    this.#options = options;
  }

  get trouble(): string | undefined {
    return this.#options.storage.trouble;
  }

  join(token: string, request: JoinRequest): ReturnType<AgentIntake['join']> {
    return this.#open.hub.join(token, request);
  }

  nonce(id: string): string {
    return this.#open.hub.nonce(id);
  }

  openSession(request: SessionRequest): ReturnType<AgentIntake['openSession']> {
    const answer = this.#open.hub.openSession(request);
    // One that was away may have its name again.
    this.#open.tags.changed();
    return answer;
  }

  session(token: string): AgentSession {
    return this.#session(this.#open.hub.hostOf(token));
  }

  #session(host: HostRecord): AgentSession {
    const { hub, registry, warnings, inventory, rates } = this.#open;
    const { inOrder, alerts } = this.#options;
    return {
      host: host.id,
      get waitMs() {
        return rates.waitMs(host);
      },
      heartbeat: (message: Heartbeat) => {
        hub.heartbeat(host, message);
        this.#measure(host, message);
        return this.#heartbeatAnswer(host, [...warnings.of(host)]);
      },
      offerKey: (offer) => {
        hub.offerKey(host, offer);
      },
      alerts: (message) => {
        inOrder.check(host, message.seq);
        registry.heard(host);
        return alerts?.()?.take(host, message);
      },
      why: (fingerprint) => alerts?.()?.why(host.id, fingerprint),
      inventory: (report) => inventory.take(host, report),
      take: async (lines, run, signal) => {
        registry.heard(host);
        const { start } = host;
        const isAgain = run !== undefined && isKnown(host.account, run);
        if (isAgain) rates.took(host, run.size);
        const bad = isAgain ? [] : await this.#take(host, lines, signal);
        // Also for those that came before: the account of them may not have got to the disk.
        // Another process may have come meanwhile: then these numbers are of the one before.
        if (run !== undefined && host.start === start) await hub.received(host, run);
        return bad;
      },
    };
  }

  /** A host that makes more lines than the hub takes. */
  #measure(host: HostRecord, { nextLine }: Heartbeat): void {
    const { rates, registry, warnings } = this.#open;
    const made = nextLine === undefined ? undefined : rates.made(host, nextLine);
    if (made === undefined) return;
    const { perSecond, most } = made;
    registry.flooded(host, perSecond, most);
    const remedy = 'they wait in its journal, and are lost when that is full; look for an input that reports too much';
    warnings.warn(
      host,
      'rate',
      `This host makes more lines than the hub takes of a host (${most} lines/s, hub.lines_per_second): ${remedy}`,
    );
  }

  #heartbeatAnswer(host: HostRecord, warnings: string[]): HeartbeatAnswer {
    const alerts = this.#options.alerts?.()?.version(host);
    const now = this.#options.clock.now();
    return { now, warnings, ...(wantsKey(host, now) && { rotate: true }), ...(alerts !== undefined && { alerts }) };
  }

  /** @throws Error if the journal cannot be written */
  async #take(host: HostRecord, lines: Buffer, signal: AbortSignal): Promise<readonly string[]> {
    const errors = await this.#options.oneByOne(async () => {
      signal.throwIfAborted();
      const parsed = await inTurns(parseLinesInSteps(lines, { most: MOST_LINES }), signal);
      // It may have been revoked while they were read.
      checkMember(host);
      this.#open.rates.took(host, parsed.metrics.length + parsed.errors.length);
      this.#push(host, parsed.metrics);
      return parsed.errors;
    });
    await this.#options.storage.written();
    return errors.slice(0, MOST_NAMED).map(({ line, message, excerpt }) => `${line}: ${message}: ${excerpt}`);
  }

  #push(host: HostRecord, metrics: readonly Metric[]): void {
    const { registry, tags, vitals, warnings } = this.#open;
    const { push, clock } = this.#options;
    const claimed = new Set<string>();
    const corrected = notAhead(metrics, clock.now(), host.offsetMs);
    if (corrected.count > 0) registry.corrected(host, corrected.count);
    for (const each of corrected.metrics) {
      const { metric, isForeign } = tags.check(host, each);
      if (isForeign) claimed.add(each.tags['host'] ?? '');
      push(metric, host.id);
    }
    vitals.see(host, corrected.metrics, clock.now());
    if (claimed.size === 0) return;
    const named = [...claimed].slice(0, MOST_CLAIMED).join(', ').slice(0, MOST_LENGTH);
    const remedy = `they are kept as lines of this host, with the tag ${CLAIMED_HOST}; set another tag host on them`;
    warnings.warn(host, 'names', `Lines with the name of another host (${printable(named)}): ${remedy}`);
  }
}
