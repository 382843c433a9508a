import { once } from 'node:events';

import { defineInput, eventTimes, LOG_LEVELS, z, type LogEntry, type LogLevel } from '../../plugin/index.ts';

/** As in RFC 5424, table 2. */
const SEVERITIES: Readonly<Record<LogLevel, number>> = { error: 3, warn: 4, info: 6, debug: 7 };

const SECOND_MS = 1000;

/** healthd's own log as metrics, so that the journal keeps it and outputs send it. */
export const agentLog = defineInput({
  name: 'agent_log',
  summary: "healthd's own log, for a central one",
  config: z.strictObject({
    level: z
      .enum(LOG_LEVELS)
      .default('info')
      .describe('Least important level that is sent; what log.level leaves out is not there to be sent'),
    max_lines_per_second: z
      .number()
      .int()
      .positive()
      .default(100)
      .describe('What is beyond it is counted and left out'),
  }),
  metrics: {
    healthd_log: {
      help: 'One point for each line of the log',
      tags: { level: 'error, warn, info or debug', source: 'Who speaks: agent, inputs.cpu, outputs.influxdb, …' },
      fields: {
        message: { type: 'string', help: 'The line' },
        severity_code: { type: 'int', help: 'Severity as in syslog: 3 error, 4 warning, 6 informational, 7 debug' },
        details: { type: 'string', help: 'What the line says beside its text, as JSON' },
        count: { type: 'int', unit: 'lines', help: 'Always 1, to be summed' },
      },
    },
  },
  create({ level, max_lines_per_second: most }, { events, clock }) {
    const isWanted = (entry: LogEntry) => SEVERITIES[entry.level] <= SEVERITIES[level];
    return {
      async run(acc, signal) {
        const timeOf = eventTimes();
        const add = ({ level, name, message, meta, time }: LogEntry) => {
          const details = Object.keys(meta).length === 0 ? undefined : jsonOf(meta);
          const fields = { message, severity_code: SEVERITIES[level], details, count: 1 };
          acc.add('healthd_log', fields, { level, source: name }, timeOf(time));
        };
        const admit = limiter(most, clock.elapsed, (left) => {
          const message = `${left} lines were left out, as there were more than ${most} in a second`;
          add({ level: 'warn', name: 'inputs.agent_log', message, meta: {}, time: clock.now() });
        });
        const end = events.onLog((entry) => {
          if (isWanted(entry) && admit()) add(entry);
        });
        try {
          if (!signal.aborted) await once(signal, 'abort');
        } finally {
          end();
        }
      },
    };
  },
});

/**
 * @param elapsed ms on a clock that never goes back
 * @param onResume told how many were refused, before the first one that is admitted again
 */
function limiter(most: number, elapsed: () => number, onResume: (refused: number) => void): () => boolean {
  let [since, admitted, refused] = [-Infinity, 0, 0];
  return () => {
    if (elapsed() - since >= SECOND_MS) {
      if (refused > 0) onResume(refused);
      [since, admitted, refused] = [elapsed(), 0, 0];
    }
    admitted += 1;
    if (admitted <= most) return true;
    refused += 1;
    return false;
  };
}

function jsonOf(meta: LogEntry['meta']): string {
  return JSON.stringify(meta, (_key, value: unknown) => (typeof value === 'bigint' ? value.toString() : value));
}
