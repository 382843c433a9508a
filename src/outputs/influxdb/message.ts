/** Parses error bodies in the formats of InfluxDB 1 (`error`), 2 (`code`, `message`) and 3 (`error`, `data`). */
import { isWebPage, jsonOf, z } from '../../plugin/index.ts';

import type { Answer } from './transport.ts';

export interface ServerMessage {
  /** Whether the answer has the form of InfluxDB, VictoriaMetrics or their kin, and not that of a proxy. */
  readonly isFromDatabase: boolean;
  /** The error message, possibly with newlines; empty if there is none. */
  readonly text: string;
  /** InfluxDB 3: the rejected lines. */
  readonly lines: readonly RefusedLine[];
}

export interface RefusedLine {
  /** Counted from 1. */
  readonly line_number: number;
  readonly original_line?: string | undefined;
}

const refusedLine = z.object({
  line_number: z.number().int(),
  original_line: z.string().optional(),
});

const errorBody = z.object({
  error: z.string().optional(),
  /** Of InfluxDB 2 alone as text; GreptimeDB has a number. Gateways send a message without it. */
  code: z.string().optional().catch(undefined),
  message: z.string().optional(),
  data: z.array(refusedLine).optional().catch(undefined),
  /** `/query` of InfluxDB 1 reports failures with status 200. */
  results: z
    .array(z.object({ error: z.string().optional() }))
    .optional()
    .catch(undefined),
});

export function messageOf(answer: Answer): ServerMessage {
  const parsed = errorBody.safeParse(jsonOf(answer.body)).data;
  const hasVersion = answer.headers['x-influxdb-version'] !== undefined;
  if (parsed === undefined) {
    const text = isHtml(answer) ? '' : answer.body.trim();
    return { text, lines: [], isFromDatabase: hasVersion || VICTORIA_METRICS.test(text) };
  }
  const { error, code, message, data = [] } = parsed;
  const isFromDatabase = hasVersion || error !== undefined || (code !== undefined && message !== undefined);
  return { text: textOf(parsed), lines: data, isFromDatabase };
}

function textOf({ error, message, results }: z.infer<typeof errorBody>): string {
  return error ?? message ?? results?.find((result) => result.error !== undefined)?.error ?? '';
}

/** Its errors name the client and the request. */
const VICTORIA_METRICS = /^remoteAddr: "/;

export function isHtml({ headers, body }: Answer): boolean {
  return isWebPage({ headers: new Map([['content-type', String(headers['content-type'])]]), body });
}
