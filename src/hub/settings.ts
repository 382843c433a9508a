/** The section `hub`. */
import { duration, z } from '../plugin/index.ts';

export const hubSchema = z
  .strictObject({
    approve: z
      .enum(['auto', 'manual'])
      .default('auto')
      .describe('Hosts that join: taken at once (auto), or after "healthd hub approve" (manual)'),
    late: duration().prefault('15s').describe('A host that says nothing for so long is late; at least 10s'),
    down: duration().prefault('45s').describe('A host that says nothing for so long is down'),
    forget: duration().prefault('14d').describe('A host that is down or stopped for so long is forgotten'),
    lines_per_second: z
      .number()
      .int()
      .min(100)
      .max(10_000_000)
      .default(10_000)
      .describe(
        'Lines per second that the hub takes of one host; after a pause those of ten seconds at once; what is more waits in the journal of the host',
      ),
    writers: z
      .enum(['off', 'list', 'alert'])
      .default('list')
      .describe(
        'Hosts without an agent that write to listeners: not watched (off), listed with their presence (list), or with the alert host_down as well (alert)',
      ),
    probe_ports: z
      .array(z.number().int().min(1).max(65_535))
      .max(4)
      .default([22])
      .describe(
        'TCP ports at which the hub asks a silent host whether it is there, for the message of host_down; [] asks none',
      ),
    site_tag: z
      .string()
      .min(1)
      .default('site')
      .describe('Tag that names the place of a host: most hosts of a place silent at once are one alert'),
  })
  .superRefine(({ late, down }, context) => {
    if (late < 10_000)
      context.addIssue({ code: 'custom', path: ['late'], message: 'must be 10s or longer: agents speak every 5s' });
    if (down <= late) context.addIssue({ code: 'custom', path: ['down'], message: 'must be longer than late' });
  });

export type HubSettings = Readonly<z.output<typeof hubSchema>>;
