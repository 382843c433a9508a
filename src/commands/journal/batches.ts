/** Repacks groups of lines into batches within an output's limits. */
import { LineBatch, type BatchLimits } from '../../metric/batch.ts';
import type { LineGroup } from '../../journal/inspect.ts';

/** Each batch is as large as the limits allow; a line larger than the byte limit is a batch of its own. */
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
    for (let rest = new LineBatch(group.lines, group.size); rest.size > 0;) {
      const part = rest.head({ lines: limits.lines - lines, bytes: limits.bytes - bytes });
      // The head has at least one line, even beyond the limits.
      if (lines > 0 && (lines >= limits.lines || bytes + part.lines.length > limits.bytes)) {
        yield take();
        continue;
      }
      chunks.push(part.lines);
      lines += part.size;
      bytes += part.lines.length;
      rest = rest.slice(part.size, rest.size);
    }
  }
  if (lines > 0) yield take();
}
