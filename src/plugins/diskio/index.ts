import { asksWindows, compileGlobs, defineInput, isPortable, provider, z } from '../../plugin/index.ts';
import type { Accumulator, Host, PluginContext } from '../../plugin/index.ts';

import { createSelector, readFacts } from './devices.ts';
import type { DeviceOptions, Facts } from './devices.ts';
import { parseDiskstats, rates } from './diskstats.ts';
import type { DiskCounters, DiskStats } from './diskstats.ts';
import { metrics } from './metrics.ts';
import { readPortable } from './portable.ts';
import { createWindowsDisks } from './windows.ts';

/** How long tags of a device are cached, in ms. A device that disappears or resets is looked up again at once. */
const FACTS_AGE = 300_000;

/** State of a device between gathers. */
interface Remembered {
  readonly counters: DiskCounters;
  readonly facts: Facts;
  readonly factsReadAt: number;
}

/** I/O of block devices. Source: /proc/diskstats for the counters, sysfs and udev's database for the tags. */
export const diskio = defineInput({
  name: 'diskio',
  summary: 'Operations, bytes and latency of disks and partitions',
  config: z.strictObject({
    devices: z
      .array(z.string().min(1))
      .default([])
      .describe('Names or globs of devices, or of links to them below /dev; empty for all'),
    skip_serial_number: z.boolean().default(true).describe('Omits the tag serial'),
    device_tags: z.array(z.string()).default([]).describe('udev properties to add as tags, such as ID_FS_TYPE'),
    name_templates: z
      .array(z.string())
      .default([])
      .describe('Templates for the tag name, such as $ID_FS_LABEL; the first whose udev properties all exist is used'),
    provider: provider(),
  }),
  metrics,
  create(options, context) {
    if (!isPortable(options.provider, context.host.platform)) return createNative(options, context);
    if (asksWindows(options.provider, context.host.platform)) {
      const isWanted = options.devices.length === 0 ? undefined : compileGlobs(options.devices);
      const disks = createWindowsDisks(isWanted);
      return {
        gather: async (acc: Accumulator<typeof metrics>, signal: AbortSignal) => {
          const rows = await context.windows.ask('diskio', {}, signal);
          for (const { name, fields } of disks(rows)) acc.add('diskio', fields, { name });
        },
      };
    }
    return {
      gather: async (acc: Accumulator<typeof metrics>) => {
        acc.add('diskio', await readPortable(), { name: 'all' });
      },
    };
  },
});

function createNative(
  options: DeviceOptions & { readonly devices: readonly string[] },
  { host, clock }: PluginContext,
) {
  const isSelected = createSelector(options.devices, host);
  const look = (device: DiskStats) => readFacts(device, options, isSelected, host);
  let devices = new Map<string, Remembered>();
  let gatheredAt = 0;
  return {
    gather(acc: Accumulator<typeof metrics>) {
      const now = clock.elapsed();
      const current = new Map<string, Remembered>();
      for (const device of readDevices(host)) {
        const { name, major, minor, counters } = device;
        const key = `${major}:${minor} ${name}`;
        const before = devices.get(key);
        const derived = before && rates(counters, before.counters, now - gatheredAt);
        const isFresh = before !== undefined && derived !== undefined && now - before.factsReadAt < FACTS_AGE;
        const facts = isFresh ? before.facts : look(device);
        current.set(key, { counters, facts, factsReadAt: isFresh ? before.factsReadAt : now });
        if (facts !== undefined) acc.add('diskio', { ...counters, ...derived }, facts);
      }
      devices = current;
      gatheredAt = now;
    },
  };
}

function readDevices(host: Host): DiskStats[] {
  return parseDiskstats(host.readText(`${host.proc}/diskstats`));
}
