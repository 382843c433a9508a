import { asksWindows, defineInput, duration, isPortable, provider, z } from '../../plugin/index.ts';

import { cached } from './cached.ts';
import { formatUptime } from './load.ts';
import { metrics } from './metrics.ts';
import { whenKnown, type Answer, type SystemFields, type SystemSource } from './source.ts';

const GROUPS = ['load', 'users', 'cpus', 'uptime', 'os', 'dmi'] as const;

type Group = (typeof GROUPS)[number];

const LEGACY: readonly Group[] = ['load', 'cpus', 'users', 'uptime'];

/** The host as a whole. Sources: /proc/{loadavg,uptime,stat}, utmp(5), os-release(5), /sys/class/dmi/id. */
export const system = defineInput({
  name: 'system',
  summary: 'Load, uptime, number of CPUs and users; optionally operating system and hardware',
  config: z.strictObject({
    include: z
      .array(z.enum(['legacy', ...GROUPS]))
      .min(1)
      .default(['legacy'])
      .describe('Groups of fields to report; legacy is load, cpus, users and uptime with uptime_format'),
    os_cache_ttl: duration('8h').describe('Cache lifetime of the group os'),
    dmi_cache_ttl: duration('8h').describe('Cache lifetime of the group dmi'),
    provider: provider(),
  }),
  metrics,
  async create({ include, os_cache_ttl, dmi_cache_ttl, provider }, { host, clock, windows }) {
    const source = isPortable(provider, host.platform)
      ? (await import('./portable.ts')).portableSource(
          host.platform,
          asksWindows(provider, host.platform) ? windows : undefined,
          () => clock.signal(REQUEST_MS),
        )
      : (await import('./native.ts')).nativeSource(host);
    const legacy = include.includes('legacy');
    const groups = GROUPS.filter((group) => include.includes(group) || (legacy && LEGACY.includes(group)));
    const keep = <Value>(ttlMs: number, load: () => Answer<Value>) => cached(ttlMs, () => clock.elapsed(), load);
    const read = {
      ...readers(source, legacy),
      users: keep(SLOW_TTL_MS, () => source.users()),
      cpus: keep(SLOW_TTL_MS, () => source.cpus()),
      os: keep(os_cache_ttl, () => source.os()),
      dmi: keep(dmi_cache_ttl, () => source.dmi()),
    };
    return {
      gather(acc) {
        const fields: Record<string, number | string | undefined> = {};
        const waiting: Promise<unknown>[] = [];
        for (const group of groups) {
          const failed = (cause: unknown) => {
            acc.error(
              new Error(`Cannot read the fields of ${group}; check HOST_PROC, HOST_SYS and HOST_ETC`, { cause }),
            );
          };
          try {
            const reading = whenKnown(read[group](), (found) => Object.assign(fields, found));
            if (reading instanceof Promise) waiting.push(reading.catch(failed));
          } catch (cause) {
            failed(cause);
          }
        }
        const report = () => {
          acc.add('system', fields);
        };
        if (waiting.length > 0) return Promise.all(waiting).then(report);
        report();
        return undefined;
      },
    };
  },
});

/** For one question to Windows. ms */
const REQUEST_MS = 30_000;

/** Logins and CPUs change rarely, and reading them costs as much as all other groups together. */
const SLOW_TTL_MS = 5000;

function readers(source: SystemSource, legacy: boolean) {
  return {
    load: () => source.load(),
    uptime: () =>
      whenKnown(source.uptime(), (uptime): SystemFields =>
        legacy ? { uptime, uptime_format: formatUptime(uptime) } : { uptime },
      ),
  };
}
