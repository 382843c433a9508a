import { defineInput, duration, isPortable, provider, z } from '../../plugin/index.ts';

import { cached } from './cached.ts';
import { formatUptime } from './load.ts';
import { metrics } from './metrics.ts';
import type { SystemFields, SystemSource } from './source.ts';

const GROUPS = ['load', 'users', 'cpus', 'uptime', 'os', 'dmi'] as const;

type Group = (typeof GROUPS)[number];

const LEGACY: readonly Group[] = ['load', 'cpus', 'users', 'uptime'];

/** The host as a whole. Sources: /proc/{loadavg,uptime,stat}, utmp(5), os-release(5), /sys/class/dmi/id. */
export const system = defineInput({
  name: 'system',
  summary: 'Load, uptime, number of processors and users; on demand what the machine and its system are',
  config: z.strictObject({
    include: z
      .array(z.enum(['legacy', ...GROUPS]))
      .min(1)
      .default(['legacy'])
      .describe('What to report; legacy is load, cpus, users and uptime with uptime_format'),
    os_cache_ttl: duration('8h').describe('How long the facts of the group os are kept'),
    dmi_cache_ttl: duration('8h').describe('How long the facts of the group dmi are kept'),
    provider: provider(),
  }),
  metrics,
  async create({ include, os_cache_ttl, dmi_cache_ttl, provider }, { host, clock }) {
    const source = isPortable(provider, host.platform)
      ? (await import('./portable.ts')).portableSource(host.platform)
      : (await import('./native.ts')).nativeSource(host);
    const legacy = include.includes('legacy');
    const groups = GROUPS.filter((group) => include.includes(group) || (legacy && LEGACY.includes(group)));
    const keep = <Value>(ttlMs: number, load: () => Value | Promise<Value>) =>
      cached(ttlMs, () => clock.elapsed(), load);
    const read = {
      ...readers(source, legacy),
      users: keep(SLOW_TTL_MS, () => source.users()),
      cpus: keep(SLOW_TTL_MS, () => source.cpus()),
      os: keep(os_cache_ttl, () => source.os()),
      dmi: keep(dmi_cache_ttl, () => source.dmi()),
    };
    return {
      async gather(acc) {
        const fields: Record<string, number | string | undefined> = {};
        for (const group of groups) {
          try {
            Object.assign(fields, await read[group]());
          } catch (cause) {
            acc.error(
              new Error(`Cannot read the fields of ${group}; check HOST_PROC, HOST_SYS and HOST_ETC`, { cause }),
            );
          }
        }
        acc.add('system', fields);
      },
    };
  },
});

/** Who is logged in and which CPUs there are changes rarely, and costs as much to find out as all else together. */
const SLOW_TTL_MS = 5000;

function readers(source: SystemSource, legacy: boolean) {
  return {
    load: () => source.load(),
    async uptime(): Promise<SystemFields> {
      const uptime = await source.uptime();
      return legacy ? { uptime, uptime_format: formatUptime(uptime) } : { uptime };
    },
  };
}
