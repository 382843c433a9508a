/** Processes that the kernel killed for want of memory in the last day. */
import type { Finding } from '../../api/host.ts';
import type { HistoryAccess, HistoryEvent } from '../../history/access.ts';
import { bounded, counted, evidence, named, type Check } from '../check.ts';

const DAY = 86_400_000;
const MOST_EVENTS = 1000;
/** Begins the id of a finding; the name of the process follows. */
const KILL = 'oom:';

export function oomCheck(history: () => HistoryAccess | undefined): Check {
  return {
    name: 'out of memory',
    run: async (now) => {
      const events = await history()?.events(now - DAY, now + 1, MOST_EVENTS);
      return events && killed(events);
    },
  };
}

/** One finding for each name, with the newest kill. @param events the newest first */
export function killed(events: readonly HistoryEvent[]): readonly Finding[] {
  const byTitle = new Map<string, { readonly newest: HistoryEvent; readonly count: number }>();
  for (const event of events) {
    if (event.kind !== 'oom') continue;
    const key = event.title.replace(/\(pid \d+/, '(pid');
    const { newest = event, count = 0 } = byTitle.get(key) ?? {};
    byTitle.set(key, { newest, count: count + 1 });
  }
  return [...byTitle].map(([key, { newest, count }]) => ({
    id: `${KILL}${bounded(key)}`,
    level: 'warning',
    sentence: sentenceOf(bounded(newest.title)),
    evidence: evidence(count > 1 ? `${counted(count, 'time')} in 24 h` : undefined),
    since: newest.at,
    sort: 'memory',
  }));
}

export function isKill({ id }: Pick<Finding, 'id'>): boolean {
  return id.startsWith(KILL);
}

/** The title says `The kernel killed NAME (pid 1) for lack of memory`. */
function sentenceOf(title: string): Finding['sentence'] {
  const [, before, name, after] = /^(The kernel killed )(.+?)( \(pid .*)$/.exec(title) ?? [];
  if (before === undefined || name === undefined || after === undefined) return [`${title}.`];
  return [before, named(name), `${after}.`];
}
