import { asksWindows, compileGlobs, defineInput, globs, isPortable, provider, z } from '../../plugin/index.ts';
import type { Accumulator, Host, PluginContext } from '../../plugin/index.ts';

import { createSelector, Speeds } from './interfaces.ts';
import { metrics } from './metrics.ts';
import { parseNetDev } from './netdev.ts';
import { readPortable } from './portable.ts';
import { parseSnmp } from './snmp.ts';
import { interfacesOf } from './windows.ts';

const config = z.strictObject({
  interfaces: globs().describe('Globs of interfaces to report; empty for all that are up, except loopback'),
  protocol_counters: z
    .boolean()
    .default(false)
    .describe('Adds interface=all with the IP, ICMP, TCP and UDP counters that old dashboards use (Linux)'),
  provider: provider(),
});

/** Traffic of network interfaces. Source: /proc/net/dev, and `flags` and `speed` in sysfs. */
export const net = defineInput({
  name: 'net',
  summary: 'Bytes, packets, errors and drops of network interfaces',
  config,
  metrics,
  create(options, context) {
    const { host, clock, windows } = context;
    if (asksWindows(options.provider, host.platform)) {
      const isWanted = options.interfaces.length === 0 ? undefined : compileGlobs(options.interfaces);
      return {
        gather: async (acc: Accumulator<typeof metrics>, signal: AbortSignal) => {
          const rows = await windows.ask('net', {}, signal);
          for (const { name, fields } of interfacesOf(rows, isWanted)) acc.add('net', fields, { interface: name });
        },
      };
    }
    if (!isPortable(options.provider, host.platform)) return createNative(options, context);
    const isSelected = options.interfaces.length === 0 ? undefined : createSelector(options.interfaces, host, clock);
    return {
      gather: async (acc: Accumulator<typeof metrics>) => {
        for (const { name, fields } of await readPortable(isSelected)) acc.add('net', fields, { interface: name });
      },
    };
  },
});

function createNative(options: z.output<typeof config>, { host, clock }: PluginContext) {
  const isSelected = createSelector(options.interfaces, host, clock);
  const speeds = new Speeds(host.sys, clock);
  const folder = networkFolder(host);
  return {
    gather(acc: Accumulator<typeof metrics>) {
      const interfaces = parseNetDev(host.readText(`${folder}/dev`)).filter(({ name }) => isSelected(name));
      const protocols = options.protocol_counters ? parseSnmp(host.readText(`${folder}/snmp`)) : undefined;
      const report = () => {
        for (const { name, ...counters } of interfaces) {
          acc.add('net', { ...counters, speed: speeds.get(name) ?? -1 }, { interface: name });
        }
        if (protocols !== undefined) acc.add('net', Object.fromEntries(protocols), { interface: 'all' });
      };
      const learning = speeds.learn(interfaces.map(({ name }) => name));
      if (learning !== undefined) return learning.then(report);
      report();
      return undefined;
    },
  };
}

/**
 * `net` links to `self/net`, so in a mounted procfs of the host it still shows the container's own interfaces. Process 1 of
 * that procfs is in the host's network namespace.
 */
function networkFolder(host: Host): string {
  const ofInit = `${host.proc}/1/net`;
  if (host.proc === '/proc') return '/proc/net';
  try {
    host.read(`${ofInit}/dev`);
    return ofInit;
  } catch {
    return `${host.proc}/net`; // a recording without processes, or process 1 is not readable
  }
}
