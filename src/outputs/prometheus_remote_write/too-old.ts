/**
 * Prometheus accepts or rejects a request as a whole, and samples that are too far behind its newest one are "out of
 * bounds". After a long outage that applies to whole batches, so the lines at fault are found by time, oldest first: this
 * takes one request per timestamp instead of several per line, and never sends a sample before an older one of its series.
 */
import { milliseconds, PermanentError, type Metric } from '../../plugin/index.ts';
import { sampleValue } from '../prometheus-names.ts';

/** Inherits the `name` of PermanentError, by which the host recognizes it. */
export class OutOfBoundsError extends PermanentError {}

/** @throws OutOfBoundsError if one of them is too old */
export type Send = (metrics: readonly Metric[]) => Promise<void>;

/** With more distinct timestamps in a batch, bisecting by the host is no worse. */
const MAX_TIMES = 50;

/**
 * Resends a batch that was rejected because of its oldest samples, without them.
 *
 * @returns the positions of the lines that are too old, ascending
 * @throws OutOfBoundsError if there are too many distinct timestamps to try; and other errors of `send`
 */
export async function sendWithoutTooOld(
  metrics: readonly Metric[],
  refusal: OutOfBoundsError,
  send: Send,
): Promise<readonly number[]> {
  const groups = byTime(metrics);
  if (groups.length > MAX_TIMES) throw refusal;
  const accepted = await firstAccepted(groups, (group) => send(group.map(([, metric]) => metric)));
  const rest = groups.slice(accepted + 1).flat();
  if (rest.length > 0) await send(rest.map(([, metric]) => metric));
  const tooOld = groups.slice(0, accepted).flat();
  return tooOld.map(([position]) => position).sort((a, b) => a - b);
}

type Positioned = readonly [position: number, metric: Metric];

/** Metrics grouped by timestamp, oldest first; without those that have no numeric field, since they have no samples. */
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

/** @returns the index of the first group that was accepted; the number of groups if none was */
async function firstAccepted<Group>(groups: readonly Group[], send: (group: Group) => Promise<void>): Promise<number> {
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
