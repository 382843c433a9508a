/**
 * What Telegraf's `outputs.heartbeat` sends: version 1 of its schema, and `last`, which its schema lacks.
 * https://github.com/influxdata/telegraf/blob/master/plugins/outputs/heartbeat/schema_v1.json
 */
import { jsonOf, z, type FieldValue } from '../../plugin/index.ts';

export interface Heartbeat {
  readonly tags: Readonly<Record<string, string>>;
  readonly fields: Readonly<Record<string, FieldValue | undefined>>;
}

export const HEARTBEAT_MEASUREMENT = 'telegraf_heartbeat';

/** The one that people choose, and that of the Telegraf Controller. */
export const HEARTBEAT_PATHS: ReadonlySet<string> = new Set(['/heartbeat', '/agents/heartbeat']);

const MAX_NAME = 1000;
const name = z.string().max(MAX_NAME);
const count = z.number().int().nonnegative();

const schema = z.object({
  id: name.min(1),
  version: name,
  schema: z.literal(1).default(1),
  hostname: name.optional(),
  last: z.number().int().optional(),
  metrics: count.optional(),
  logs: z.object({ errors: count.optional(), warnings: count.optional() }).optional(),
  status: z.enum(['OK', 'WARN', 'FAIL', 'UNDEFINED']).optional(),
});

/** Ascending, for limits in rules. */
const STATUS_CODES = { OK: 0n, WARN: 1n, FAIL: 2n, UNDEFINED: 3n };

/** @returns a text that says what is wrong, if it is none */
export function parseHeartbeat(text: string): Heartbeat | string {
  const { data, error } = schema.safeParse(jsonOf(text));
  if (data === undefined) {
    const [issue] = error.issues;
    return `${issue?.path.join('.') || 'the body'}: ${issue?.message ?? 'not understood'}`;
  }
  const { id, version, hostname = '', last, metrics, logs, status } = data;
  return {
    tags: { instance: id, host: hostname === '' ? id : hostname },
    fields: {
      // Rules judge numbers, and a message may have no other.
      up: 1n,
      version,
      status,
      status_code: status && STATUS_CODES[status],
      metrics: integer(metrics),
      log_errors: integer(logs?.errors),
      log_warnings: integer(logs?.warnings),
      last_success: integer(last),
    },
  };
}

function integer(value: number | undefined): bigint | undefined {
  return value === undefined ? undefined : BigInt(value);
}
