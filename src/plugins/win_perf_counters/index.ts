import { compileGlobs, defineInput, globs, z, type Accumulator } from '../../plugin/index.ts';

const object = z.strictObject({
  class: z
    .string()
    .regex(/^Win32_Perf(?:Raw|Formatted)Data_\w{1,200}$/, 'must be a class such as Win32_PerfRawData_PerfOS_Processor')
    .meta({ examples: ['Win32_PerfRawData_PerfOS_Processor'] })
    .describe('Class of WMI: Win32_PerfRawData_… counts, Win32_PerfFormattedData_… has rates that Windows computes'),
  properties: z
    .array(z.string().regex(/^[A-Za-z]\w{0,127}$/, 'must be the name of a property, such as PercentProcessorTime'))
    .min(1)
    .max(64)
    .describe('Properties, such as PercentProcessorTime; names of WMI are the same in every language of Windows'),
  instances: globs().describe('Globs of instances to report, such as C:; empty for all'),
  include_total: z.boolean().default(false).describe('Reports the instance _Total as well'),
  measurement: z.string().min(1).default('win_perf_counters').describe('Name of the measurement'),
});

/** Performance counters of Windows. Source: the classes Win32_PerfRawData_* and Win32_PerfFormattedData_* of WMI. */
export const winPerfCounters = defineInput({
  name: 'win_perf_counters',
  summary: 'Performance counters of Windows, by class and property of WMI',
  config: z.strictObject({
    objects: z.array(object).min(1).max(100).describe('What to read'),
  }),
  // The configuration names measurements and fields.
  metrics: {},
  create({ objects }, { host, windows }) {
    const sources = objects.map((one) => ({
      ...one,
      isWanted: one.instances.length === 0 ? () => true : compileGlobs(one.instances),
    }));
    return {
      async gather(acc: Accumulator, signal) {
        if (host.platform !== 'win32')
          throw new Error(
            `The input win_perf_counters works on Windows only, not on ${host.platform}; remove it there`,
          );
        for (const { class: name, properties, isWanted, include_total, measurement } of sources) {
          try {
            const request = { class: name, properties: ['Name', ...properties.filter((one) => one !== 'Name')] };
            const rows = (await windows.ask('counters', request, signal)) as readonly Readonly<
              Record<string, unknown>
            >[];
            if (rows.length === 0) throw new Error(`Windows has no counters of ${name}; rebuild them with: lodctr /R`);
            for (const row of rows) {
              const instance = typeof row['Name'] === 'string' ? row['Name'] : '';
              if (instance === '_Total' ? !include_total : !isWanted(instance)) continue;
              const known = properties.filter((property) => typeof row[property] === 'number');
              const fields = Object.fromEntries(known.map((property) => [property, row[property] as number]));
              const missing = properties.filter((property) => !known.includes(property));
              if (missing.length > 0)
                acc.error(new Error(`Windows gave no number for ${missing.join(', ')} of ${name}`));
              if (known.length > 0) acc.add(measurement, fields, { objectname: name, instance });
            }
          } catch (error) {
            acc.error(error);
          }
        }
      },
    };
  },
});
