import { isRemote, isWanted, missingIn, poolOf } from './targets.ts';
import type { Listing, Selection, Target } from './targets.ts';

type Lister = (signal: AbortSignal) => Promise<Listing>;

/**
 * Mounts according to systeminformation. It runs `df`, which a dead server can block: a pending list is awaited again at the
 * next interval, and never started twice.
 */
export function createPortableLister(selection: Selection): Lister {
  let listing: Promise<Listing> | undefined;
  return async (signal) => {
    signal.throwIfAborted();
    listing ??= list(selection).finally(() => (listing = undefined));
    const ended = new AbortController();
    const aborted = new Promise<never>((_, reject) => {
      signal.addEventListener(
        'abort',
        () => {
          reject(new Error('The list of file systems was not ready in time', { cause: signal.reason }));
        },
        { once: true, signal: ended.signal },
      );
    });
    try {
      return await Promise.race([listing, aborted]);
    } finally {
      ended.abort();
    }
  };
}

async function list(selection: Selection): Promise<Listing> {
  const { default: si } = await import('systeminformation');
  const targets = new Map<string, Target>();
  const sizes = await si.fsSize();
  for (const { fs, type, mount, rw } of sizes) {
    const fstype = type || 'unknown';
    if (!isWanted({ path: mount, fstype, options: [] }, selection)) continue;
    targets.set(mount, {
      statfsPath: mount,
      isRemote: isRemote(fstype),
      isInstant: false,
      // Null if unknown.
      isReadOnly: rw === false,
      tags: {
        path: mount,
        device: fs.replaceAll('/dev/', ''),
        fstype,
        mode: rw === null ? 'unknown' : rw ? 'rw' : 'ro',
        label: '',
        pool: poolOf(fstype, fs),
      },
    });
  }
  const mounts = sizes.map(({ fs, mount }) => ({ path: mount, source: fs }));
  return { targets: [...targets.values()], hidden: [], missing: missingIn(mounts, selection) };
}
