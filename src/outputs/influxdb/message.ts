/** Parses error bodies in the formats of InfluxDB 1 (`error`), 2 (`code`, `message`) and 3 (`error`, `data`). */
import { z } from '../../plugin/index.ts';

import type { Answer } from './transport.ts';

export interface ServerMessage {
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

const body = z.object({
  error: z.string().optional(),
  message: z.string().optional(),
  data: z.array(refusedLine).optional().catch(undefined),
  /** `/query` of InfluxDB 1 reports failures with status 200. */
  results: z
    .array(z.object({ error: z.string().optional() }))
    .optional()
    .catch(undefined),
});

export function messageOf(answer: Answer): ServerMessage {
  const parsed = body.safeParse(jsonOf(answer.body)).data;
  if (parsed === undefined) return { text: isHtml(answer) ? '' : answer.body.trim(), lines: [] };
  const text = parsed.error ?? parsed.message ?? parsed.results?.find(({ error }) => error !== undefined)?.error ?? '';
  return { text, lines: parsed.data ?? [] };
}

export function isHtml({ headers }: Answer): boolean {
  return String(headers['content-type']).startsWith('text/html');
}

/** @returns undefined if the text is not JSON */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
