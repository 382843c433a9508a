/**
 * Prometheus takes a request whole or not at all, and samples before a time that moves on with its newest one are "out of
 * bounds". After a long outage that is what whole batches are, so it is found out by time, oldest first: with a request
 * for each time instead of some for each line, and without sending a sample before an older one of its series.
 */
import { milliseconds, PermanentError, type Metric } from '../../plugin/index.ts';
import { sampleValue } from '../prometheus-names.ts';

/** Its name stays that of its parent, which the host goes by. */
export class OutOfBoundsError extends PermanentError {}

/** @throws OutOfBoundsError if one of them is too old */
export type Send = (metrics: readonly Metric[]) => Promise<void>;

/** With more different times in a batch, the host's halving is no worse. */
const MAX_TIMES = 50;

/**
 * Sends a batch that was refused because of its oldest samples, without these.
 *
 * @returns the positions of what is too old, ascending
 * @throws OutOfBoundsError if there are too many different times to try; and whatever else `send` throws
 */
export async function sendWithoutTooOld(
  metrics: readonly Metric[],
  refusal: OutOfBoundsError,
  send: Send,
): Promise<readonly number[]> {
  const groups = byTime(metrics);
  if (groups.length > MAX_TIMES) throw refusal;
  const taken = await firstTaken(groups, (group) => send(group.map(([, metric]) => metric)));
  const rest = groups.slice(taken + 1).flat();
  if (rest.length > 0) await send(rest.map(([, metric]) => metric));
  const tooOld = groups.slice(0, taken).flat();
  return tooOld.map(([position]) => position).sort((a, b) => a - b);
}

type Positioned = readonly [position: number, metric: Metric];

/** The metrics of each time, oldest first; without those that have no number, of which nothing is sent. */
function byTime(metrics: readonly Metric[]): readonly (readonly Positioned[])[] {
  const groups = new Map<number, Positioned[]>();
  for (const entry of metrics.entries()) {
    const { time, fields } = entry[1];
    if (Object.values(fields).every((value) => sampleValue(value) === undefined)) continue;
    const ms = milliseconds(time);
    const group = groups.get(ms);
    if (group === undefined) groups.set(ms, [entry]);
    else group.push(entry);
  }
  return [...groups].sort(([a], [b]) => a - b).map(([, group]) => group);
}

/** @returns the number of groups if none was taken */
async function firstTaken<Group>(groups: readonly Group[], send: (group: Group) => Promise<void>): Promise<number> {
  for (const [index, group] of groups.entries()) {
    try {
      await send(group);
      return index;
    } catch (error) {
      if (!(error instanceof OutOfBoundsError)) throw error;
    }
  }
  return groups.length;
}
