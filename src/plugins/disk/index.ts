import { statfsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';

import { asksWindows, defineInput, duration, isPortable, provider, z } from '../../plugin/index.ts';
import type { Accumulator, Host } from '../../plugin/index.ts';

import { BoundedStatfs } from './bounded-statfs.ts';
import type { Outcome, StatfsCalls } from './bounded-statfs.ts';
import { metrics } from './metrics.ts';
import { createPortableLister } from './portable.ts';
import { listMounts } from './targets.ts';
import type { Listing, Selection, Target } from './targets.ts';
import { Troubles } from './trouble.ts';
import { usageOf } from './usage.ts';
import { createWindowsLister } from './windows.ts';

const config = z.strictObject({
  mount_points: z.array(z.string()).default([]).describe('Mount points to report, as exact paths; empty for all'),
  ignore_fs: z
    .array(z.string())
    .default(['tmpfs', 'devtmpfs', 'devfs', 'iso9660', 'overlay', 'aufs', 'squashfs'])
    .describe('File system types to exclude'),
  ignore_mount_opts: z
    .array(z.string())
    .default([])
    .describe('Excludes mounts with any of these options; `bind` matches bind mounts'),
  statfs_timeout: duration('2s').describe('Timeout of statfs on one file system'),
  provider: provider(),
});

interface Gathering {
  readonly acc: Accumulator<typeof metrics>;
  readonly signal: AbortSignal;
}

/** Creates the input with any `statfs`, so that tests can use one that fails or hangs. */
export function createDisk(calls: StatfsCalls) {
  return defineInput({
    name: 'disk',
    summary: 'Space and inodes of mounted file systems',
    config,
    metrics,
    create({ mount_points, ignore_fs, ignore_mount_opts, statfs_timeout, provider }, { host, clock, log, windows }) {
      const selection = {
        mountPoints: new Set(mount_points),
        ignoredTypes: new Set(ignore_fs),
        ignoredOptions: new Set(ignore_mount_opts),
      };
      const isWindows = asksWindows(provider, host.platform);
      const list = isWindows
        ? createWindowsLister(selection, windows, clock)
        : isPortable(provider, host.platform)
          ? createPortableLister(selection)
          : createLister(selection, host);
      const fileSystems = new BoundedStatfs(calls, statfs_timeout, clock);
      const troubles = new Troubles(log);
      // Most mounts (procfs, cgroups, …) have no size. They are called once per list of mounts.
      const sizeless = new WeakSet<Target>();
      const report = (targets: readonly Target[], outcomes: readonly Outcome[], { acc, signal }: Gathering) => {
        targets.forEach((target, index) => {
          const outcome = outcomes[index];
          if (outcome === undefined || typeof outcome === 'string' || !('blocks' in outcome)) return;
          const usage = usageOf(outcome, !isWindows);
          if (usage !== undefined) acc.add('disk', { ...usage, read_only: target.isReadOnly }, target.tags);
          else if (!target.isRemote) sizeless.add(target);
        });
        // Outcomes of an aborted gather say nothing about the file systems; a hung call is still outstanding next time.
        if (!signal.aborted) troubles.report(targets, outcomes, acc);
      };
      const gatherFrom = (listing: Listing, gathering: Gathering) => {
        troubles.list(listing, gathering.acc);
        const targets = listing.targets.filter((target) => !sizeless.has(target));
        const asked = fileSystems.ask(targets, gathering.signal);
        if (!Array.isArray(asked))
          return asked.then((outcomes) => {
            report(targets, outcomes, gathering);
          });
        report(targets, asked, gathering);
        return undefined;
      };
      return {
        gather(acc, signal) {
          const listing = list(signal);
          if (!(listing instanceof Promise)) return gatherFrom(listing, { acc, signal });
          return listing.then((listed) => gatherFrom(listed, { acc, signal }));
        },
      };
    },
  });
}

export const disk = createDisk({ later: (path) => statfs(path), now: (path) => statfsSync(path) });

/** Lists the mounts of process 1, which are the host's even in a container, or else our own. Parsed again only on change. */
function createLister(selection: Selection, host: Host): () => Listing {
  let known: { readonly mountinfo: Buffer; readonly listing: Listing } | undefined;
  return () => {
    const read = readMountinfo(host);
    if (known?.mountinfo.equals(read) !== true) {
      const mountinfo = Buffer.from(read);
      const own = host.readOptional(`${host.proc}/self/mountinfo`);
      known = { mountinfo, listing: listMounts(mountinfo.toString(), own, selection, host) };
    }
    return known.listing;
  };
}

function readMountinfo(host: Host): Buffer {
  try {
    return host.read(`${host.proc}/1/mountinfo`);
  } catch {
    return host.read(`${host.proc}/self/mountinfo`); // process 1 is not readable for every user
  }
}
