import { statfsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';

import { defineInput, duration, isPortable, provider, z } from '../../plugin/index.ts';
import type { Accumulator, Host } from '../../plugin/index.ts';

import { BoundedStatfs } from './bounded-statfs.ts';
import type { Outcome, StatfsCalls } from './bounded-statfs.ts';
import { metrics } from './metrics.ts';
import { createPortableLister } from './portable.ts';
import { findTargets } from './targets.ts';
import type { Selection, Target } from './targets.ts';
import { Troubles } from './trouble.ts';
import { usageOf } from './usage.ts';

const config = z.strictObject({
  mount_points: z.array(z.string()).default([]).describe('Exact paths of the mounts to report; empty for all'),
  ignore_fs: z
    .array(z.string())
    .default(['tmpfs', 'devtmpfs', 'devfs', 'iso9660', 'overlay', 'aufs', 'squashfs'])
    .describe('Types of file systems to leave out'),
  ignore_mount_opts: z
    .array(z.string())
    .default([])
    .describe('Leaves out mounts with one of these options; `bind` stands for bind mounts'),
  statfs_timeout: duration('2s').describe('How long one file system may take to answer'),
  provider: provider(),
});

interface Gathering {
  readonly acc: Accumulator<typeof metrics>;
  readonly signal: AbortSignal;
}

/** The input over any `statfs`, so that tests can have one that fails or never returns. */
export function createDisk(calls: StatfsCalls) {
  return defineInput({
    name: 'disk',
    summary: 'Space and inodes of the mounted file systems',
    config,
    metrics,
    create({ mount_points, ignore_fs, ignore_mount_opts, statfs_timeout, provider }, { host, clock, log }) {
      const selection = {
        mountPoints: new Set(mount_points),
        ignoredTypes: new Set(ignore_fs),
        ignoredOptions: new Set(ignore_mount_opts),
      };
      const list = isPortable(provider, host.platform)
        ? createPortableLister(selection, host.platform)
        : createLister(selection, host);
      const fileSystems = new BoundedStatfs(calls, statfs_timeout, clock);
      const troubles = new Troubles(log);
      // procfs, cgroups and their like have no size; most mounts are such, and they are asked once per list of mounts.
      const sizeless = new WeakSet<Target>();
      const report = (targets: readonly Target[], outcomes: readonly Outcome[], { acc, signal }: Gathering) => {
        targets.forEach((target, index) => {
          const outcome = outcomes[index];
          if (outcome === undefined || typeof outcome === 'string' || !('blocks' in outcome)) return;
          const usage = usageOf(outcome);
          if (usage !== undefined) acc.add('disk', usage, target.tags);
          else if (!target.isRemote) sizeless.add(target);
        });
        // What was cut short says nothing about the file systems; a call that hangs is still outstanding next time.
        if (!signal.aborted) troubles.report(targets, outcomes, acc);
      };
      const gatherFrom = (listed: readonly Target[], gathering: Gathering) => {
        const targets = listed.filter((target) => !sizeless.has(target));
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
          const listed = list(signal);
          if (Array.isArray(listed)) return gatherFrom(listed, { acc, signal });
          return listed.then((targets) => gatherFrom(targets, { acc, signal }));
        },
      };
    },
  });
}

export const disk = createDisk({ later: (path) => statfs(path), now: (path) => statfsSync(path) });

/** The mounts of the first process, which are the host's also in a container, else our own. Looked at anew only when they change. */
function createLister(selection: Selection, host: Host): () => Target[] {
  let known: { readonly mountinfo: string; readonly targets: Target[] } | undefined;
  return () => {
    const mountinfo = readMountinfo(host);
    if (known?.mountinfo !== mountinfo) {
      const own = host.readOptional('/proc/self/mountinfo');
      known = { mountinfo, targets: findTargets(mountinfo, own, selection, host) };
    }
    return known.targets;
  };
}

function readMountinfo(host: Host): string {
  try {
    return host.readText(`${host.proc}/1/mountinfo`);
  } catch {
    return host.readText(`${host.proc}/self/mountinfo`); // whoever may not look at process 1 may look at itself
  }
}
