/** Stock rules of a hub: whether its hosts are there. They judge states that the hub has decided, so they wait for nothing. */
import type { RuleConfig } from './schema.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

export const HOST_DOWN = 'host_down';

/** One alert for a host, whatever tags it has, and under which name. */
const ONE_PER_HOST = { group_by: ['host_id'], across: 'max', context: [] } satisfies Partial<RuleConfig>;

export const FLEET_RULES = [
  {
    id: HOST_DOWN,
    summary: '{{ host }} is down: the hub hears nothing of it',
    description: 'Neither its agent nor a goodbye of it was heard. "healthd hub events {{ host }}" says since when.',
    metric: 'fleet_host.down',
    ...ONE_PER_HOST,
    equals: { critical: 1 },
  },
  {
    id: 'site_lost',
    summary: 'The hub lost sight of most hosts of {{ tags.site }}',
    description:
      'They fell silent together, so the network between them and the hub is the likely cause. After five minutes each counts as down.',
    metric: 'fleet_site.is_lost',
    group_by: ['site'],
    equals: { critical: 1 },
    context: [],
  },
  {
    id: 'host_stopped',
    summary: 'The agent of {{ host }} was stopped, and has not come back',
    metric: 'fleet_host.stopped',
    ...ONE_PER_HOST,
    equals: { warning: 1 },
    for: HOUR / 2,
  },
  {
    id: 'clock_offset',
    summary: 'The clock of {{ host }} differs from that of the hub by {{ value }}',
    description: 'Times in its metrics and logs are wrong; see whether chrony or systemd-timesyncd runs there.',
    metric: 'fleet_host.clock_offset',
    ...ONE_PER_HOST,
    calc: 'value < 0 ? -value : value',
    above: { warning: { at: 2, clear: 1 } },
    for: 2 * MINUTE,
  },
  {
    id: 'lines_lost',
    summary: '{{ value | round }} lines of {{ host }} were lost before the hub got them',
    description: 'Its journal was too small for the outage; see journal.max_bytes and journal.max_age there.',
    metric: 'fleet_host.lines_lost',
    ...ONE_PER_HOST,
    window: { of: 10 * MINUTE, fn: 'increase', coverage: 0 },
    above: { warning: { at: 0, clear: 0 } },
  },
] as const satisfies readonly (RuleConfig & { readonly id: string })[];
