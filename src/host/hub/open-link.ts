/** The link of an output to the hub, with what the agent knows about itself. */
import type { Clock } from '../../core/clock.ts';
import type { Goodbye, InventoryReport } from '../../api/hub-protocol.ts';
import type {
  Host,
  HttpClient,
  HubLink,
  HubLinkOptions,
  Logger,
  RunProgram,
  SelfStatistics,
  Storage,
} from '../../plugin/index.ts';

import type { AlertDesk } from './alert-desk.ts';
import { hostEvidence, PROCESS_START } from './evidence.ts';
import { Link } from './link.ts';
import { Memberships } from './membership.ts';

/** The agent, as its hub sees it. */
export interface Member {
  readonly stateDirectory: string;
  /** Aliases of the outputs to hubs, in their order. */
  readonly hubs: () => readonly string[];
  readonly version: string;
  /** Of this agent as a hub; undefined: it is none. */
  readonly hubId: () => string | undefined;
  readonly tags: () => Readonly<Record<string, string>>;
  readonly random: () => number;
  /** Undefined: this agent has no alerts. */
  readonly desk?: AlertDesk | undefined;
  /** Undefined while nothing is known of the machine. */
  readonly inventory: () => Promise<InventoryReport | undefined>;
  /** Whether this agent is to be a hub: then it notifies by itself. */
  readonly isHub: () => boolean;
  /** Whether the agent stops. */
  readonly isStopping: () => boolean;
}

interface Means {
  readonly host: Host;
  readonly http: HttpClient;
  readonly run: RunProgram;
  readonly self: SelfStatistics;
  readonly storage: Storage;
  readonly clock: Clock;
  readonly log: Logger;
}

/** @param alias of the output */
export function openLink(
  alias: string,
  member: Member,
  means: Means,
  { alerts: wanted, deliverAfterMs }: HubLinkOptions,
): HubLink {
  const { host, http, run, self, storage, clock, log } = means;
  const alerts = wanted ?? !member.isHub();
  return new Link({
    ...member,
    name: alias,
    order: () => member.hubs().indexOf(alias),
    memberships: new Memberships(member.stateDirectory, member.hubs),
    alerts: alerts && member.desk !== undefined ? { desk: member.desk, deliverAfterMs } : undefined,
    evidence: () => ({ ...hostEvidence(host, member.version, PROCESS_START, clock), hub: member.hubId() }),
    nextLine: () => storage.nextLine,
    pending: () => {
      const own = self.snapshot().find(({ name, tags }) => name === 'internal_write' && tags['alias'] === alias);
      return own?.fields['buffer_size'] ?? 0;
    },
    goodbye: () => reasonOf(run, host.platform, clock),
    http,
    clock,
    log,
  });
}

/** systemd is asked fast, or the stop is one like any other. ms. */
const ASK_MS = 500;
const MOST_OUTPUT = 64 * 1024;

/** Why the agent stops: systemd lists the job of a target that it has begun. */
async function reasonOf(run: RunProgram, platform: NodeJS.Platform, clock: Clock): Promise<Goodbye> {
  if (platform !== 'linux') return 'stop';
  try {
    const options = { maxOutput: MOST_OUTPUT, environment: {} };
    const { stdout } = await run(['systemctl', 'list-jobs', '--no-legend', '--plain'], options, clock.signal(ASK_MS));
    const jobs = stdout.toString();
    if (/\breboot\.target\b/.test(jobs)) return 'reboot';
    return /\b(?:poweroff|halt)\.target\b/.test(jobs) ? 'shutdown' : 'stop';
  } catch {
    return 'stop'; // There is no systemd here.
  }
}
