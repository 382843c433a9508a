/** Groups of lines → batches as an output wants them. */
import { LineBatch } from '../../core/batch.ts';
import type { BatchLimits } from '../../journal/journal.ts';
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

/** Parts that are within the limits, as large as the lines allow; halved as often as their bytes ask for. */
function* fitting(batch: LineBatch, limits: BatchLimits): Generator<LineBatch> {
  let rest = batch;
  while (rest.size > 1 && (rest.size > limits.lines || rest.lines.length > limits.bytes)) {
    let part = rest.slice(0, Math.min(rest.size, limits.lines));
    while (part.size > 1 && part.lines.length > limits.bytes) part = part.slice(0, Math.ceil(part.size / 2));
    yield part;
    rest = rest.slice(part.size, rest.size);
  }
  if (rest.size > 0) yield rest;
}
