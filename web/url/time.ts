/** Times and spans in addresses: UTC, as short as they can be, such as `2026-11-29T01:24Z`. */

const SHAPE = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?Z$/;

export function timeText(at: number): string {
  return new Date(at)
    .toISOString()
    .replace(/(?::00)?\.000Z$/, 'Z')
    .replace(/\.000Z$/, 'Z');
}

/** @returns ms since the Unix epoch; undefined for text that is no time */
export function parseTime(text: string | null): number | undefined {
  if (text === null || !SHAPE.test(text)) return undefined;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : at;
}

const UNIT_MS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** `15m`, `6h`, `30d`. @returns ms */
export function parseSpan(text: string | null): number | undefined {
  const match = /^(\d{1,4})([smhd])$/.exec(text ?? '');
  if (match === null) return undefined;
  return Number(match[1]) * UNIT_MS[match[2] as keyof typeof UNIT_MS];
}

export interface Span {
  readonly from: number;
  readonly to: number;
}

/** `from/to`. */
export function spanText({ from, to }: Span): string {
  return `${timeText(from)}/${timeText(to)}`;
}

export function parseSpanOf(text: string | null): Span | undefined {
  const [from, to] = (text ?? '').split('/').map((part) => parseTime(part));
  return from !== undefined && to !== undefined && from < to ? { from, to } : undefined;
}
