import { once } from 'node:events';

import { defineInput, eventTimes, LOG_LEVELS, z, type LogEntry, type LogLevel } from '../../plugin/index.ts';

/** Severities of RFC 5424, table 2. */
const SEVERITIES: Readonly<Record<LogLevel, number>> = { error: 3, warn: 4, info: 6, debug: 7 };

const SECOND_MS = 1000;

/** Turns healthd's own log into metrics, so that the journal buffers it and outputs send it. */
export const agentLog = defineInput({
  name: 'agent_log',
  summary: "healthd's own log as metrics, for central log storage",
  config: z.strictObject({
    level: z
      .enum(LOG_LEVELS)
      .default('info')
      .describe('Minimum level to report; levels excluded by log.level are never reported'),
    max_lines_per_second: z
      .number()
      .int()
      .positive()
      .default(100)
      .describe('Maximum rate; further lines are dropped and counted'),
  }),
  metrics: {
    healthd_log: {
      help: 'One point per log line',
      tags: { level: 'error, warn, info or debug', source: 'Logger: agent, inputs.cpu, outputs.influxdb, …' },
      fields: {
        message: { type: 'string', help: 'Text of the line' },
        severity_code: { type: 'int', help: 'Severity as in syslog: 3 error, 4 warning, 6 informational, 7 debug' },
        details: { type: 'string', help: 'Structured data of the line, as JSON' },
        count: { type: 'int', unit: 'lines', help: 'Always 1, for sums' },
      },
    },
  },
  create({ level, max_lines_per_second: maxRate }, { events, clock }) {
    const isWanted = (entry: LogEntry) => SEVERITIES[entry.level] <= SEVERITIES[level];
    return {
      async run(acc, signal) {
        const timeOf = eventTimes();
        const add = ({ level, name, message, meta, time }: LogEntry) => {
          const details = Object.keys(meta).length === 0 ? undefined : toJson(meta);
          const fields = { message, severity_code: SEVERITIES[level], details, count: 1 };
          acc.add('healthd_log', fields, { level, source: name }, timeOf(time));
        };
        const admit = rateLimiter(maxRate, clock.elapsed, (dropped) => {
          const message = `${dropped} log lines dropped: more than ${maxRate} per second`;
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
 * Admits at most `maxRate` calls in each second.
 *
 * @param elapsed ms of a monotonic clock
 * @param onResume called before the first call is admitted again, with the number of calls refused
 */
function rateLimiter(maxRate: number, elapsed: () => number, onResume: (refused: number) => void): () => boolean {
  let [since, admitted, refused] = [-Infinity, 0, 0];
  return () => {
    if (elapsed() - since >= SECOND_MS) {
      if (refused > 0) onResume(refused);
      [since, admitted, refused] = [elapsed(), 0, 0];
    }
    admitted += 1;
    if (admitted <= maxRate) return true;
    refused += 1;
    return false;
  };
}

function toJson(meta: LogEntry['meta']): string {
  return JSON.stringify(meta, (_key, value: unknown) => (typeof value === 'bigint' ? value.toString() : value));
}
