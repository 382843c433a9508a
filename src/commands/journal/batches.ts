/** Groups of lines → batches as an output wants them. */
import { LineBatch, type BatchLimits } from '../../metric/batch.ts';
import type { LineGroup } from '../../journal/inspect.ts';

/** Batches up to the limits; a single line that is larger goes alone. */
export async function* inBatches(
  groups: AsyncIterable<LineGroup> | Iterable<LineGroup>,
  limits: BatchLimits,
): AsyncGenerator<LineBatch> {
  let chunks: Uint8Array[] = [];
  let [lines, bytes] = [0, 0];
  const take = () => {
    const batch = new LineBatch(Buffer.concat(chunks), lines);
    [chunks, lines, bytes] = [[], 0, 0];
    return batch;
  };
  for await (const group of groups) {
    for (const part of fitting(new LineBatch(group.lines, group.size), limits)) {
      if (lines > 0 && (lines + part.size > limits.lines || bytes + part.lines.length > limits.bytes)) yield take();
      chunks.push(part.lines);
      lines += part.size;
      bytes += part.lines.length;
    }
  }
  if (lines > 0) yield take();
}

/** Parts that are within the limits, as large as the lines allow. */
function* fitting(batch: LineBatch, limits: BatchLimits): Generator<LineBatch> {
  for (let rest = batch; rest.size > 0;) {
    const part = rest.head(limits);
    yield part;
    rest = rest.slice(part.size, rest.size);
  }
}
