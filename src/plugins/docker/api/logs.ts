/** The log of a container. Format: the Docker Engine API, "Attach to a container", stream format. */

/** A frame begins with its stream (1 or 2), three zeros, and its length in four bytes. */
const HEADER = 8;
const MAX_BYTES = 64 * 1024;

/** Reads at most 64 KB. Of a container with a terminal the log has no frames. */
export async function lastLines(chunks: AsyncIterable<Uint8Array>): Promise<readonly string[]> {
  const read: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    read.push(chunk);
    size += chunk.length;
    if (size >= MAX_BYTES) break;
  }
  const text = withoutFrames(Buffer.concat(read)).toString('utf8');
  return text.split(/\r?\n/).filter((line) => line.trim() !== '');
}

function withoutFrames(log: Buffer): Buffer {
  const parts: Buffer[] = [];
  let at = 0;
  while (at + HEADER <= log.length) {
    if ((log[at] ?? 0) > 2 || log.readUIntBE(at + 1, 3) !== 0) return log;
    const end = at + HEADER + log.readUInt32BE(at + 4);
    parts.push(log.subarray(at + HEADER, end));
    at = end;
  }
  return parts.length === 0 ? log : Buffer.concat(parts);
}
