import { defineInput, isPortable, provider, z } from '../../plugin/index.ts';
import type { Accumulator, PluginContext } from '../../plugin/index.ts';

import { createReader } from './bounded-reader.ts';
import { Identities } from './identities.ts';
import { readPortable } from './portable.ts';
import { parseTemperature, sensorTag } from './sensors.ts';
import type { Sensor } from './sensors.ts';
import { findHwmon, findZones } from './sysfs.ts';

/** How long the list of sensors is cached, in ms; new sensors appear at the latest after this time. */
const LIST_TTL_MS = 60_000;

const config = z.strictObject({
  metric_format: z
    .enum(['v1', 'v2'])
    .default('v2')
    .describe('v1 uses the sensor names of old Telegraf versions, with a point for each limit and alarm (Linux)'),
  add_device_tag: z
    .boolean()
    .default(false)
    .describe('Adds the tag device to all sensors, not only to equal ones (Linux)'),
  always_gather_zones: z
    .boolean()
    .default(false)
    .describe('Reports thermal zones even if there are hwmon sensors (Linux)'),
  provider: provider(),
});

const metrics = {
  temp: {
    tags: {
      sensor: 'Chip and label, or type of the thermal zone',
      device: 'Device of the chip; of equal sensors, or with add_device_tag',
    },
    fields: { temp: { type: 'float', unit: 'celsius', help: 'Temperature; with v1 also limits and alarms' } },
  },
} as const;

/** Temperatures. Source: hwmon in sysfs, otherwise thermal zones. */
export const temp = defineInput({
  name: 'temp',
  summary: 'Temperatures of CPUs, disks and boards',
  config,
  metrics,
  create(options, context) {
    if (!isPortable(options.provider, context.host.platform)) return createNative(options, context);
    return {
      gather: async (acc: Accumulator<typeof metrics>) => {
        for (const [sensor, temp] of await readPortable()) acc.add('temp', { temp }, { sensor });
      },
    };
  },
});

interface Reading {
  readonly sensor: Sensor;
  /** Of a limit; undefined for the temperature itself. */
  readonly kind: string | undefined;
  readonly temp: number;
}

function createNative(options: z.output<typeof config>, { host, clock }: PluginContext) {
  const { metric_format: format, add_device_tag: withDevice } = options;
  const read = createReader(clock);
  let sensors: readonly Sensor[] = [];
  const identities = new Identities(format, withDevice);
  let listedAt = -Infinity;
  const answering = new Set<string>();

  const list = async () => {
    if (clock.elapsed() - listedAt < LIST_TTL_MS) return;
    const hwmon = await findHwmon(host.sys);
    const zones = hwmon.length === 0 || options.always_gather_zones ? await findZones(host.sys) : [];
    sensors = [...hwmon, ...zones];
    identities.list(sensors);
    listedAt = clock.elapsed();
  };

  return {
    async gather(acc: Accumulator<typeof metrics>, signal: AbortSignal) {
      await list();
      const readings: Reading[] = [];
      const take = async (sensor: Sensor, path: string, kind?: string) => {
        const temp = parseTemperature((await read(path, signal)) ?? '');
        if (temp !== undefined) readings.push({ sensor, kind, temp });
        return temp !== undefined;
      };
      // Sequentially: a sensor that hangs must not occupy more than one thread.
      for (const sensor of sensors) {
        const isAwake = await take(sensor, sensor.input);
        if (isAwake) answering.add(sensor.input);
        // It answered before: it may have been unplugged and the other sensors renumbered, so list them again.
        else if (answering.delete(sensor.input)) listedAt = -Infinity;
        if (isAwake) identities.answered(sensor);
        if (!isAwake || format === 'v2') continue;
        for (const [kind, path] of sensor.limits) await take(sensor, path, kind);
      }
      for (const { sensor, kind, temp } of readings) {
        const { name, device } = identities.of(sensor);
        acc.add('temp', { temp }, { sensor: sensorTag({ name, label: '' }, format, kind), device });
      }
    },
  };
}
