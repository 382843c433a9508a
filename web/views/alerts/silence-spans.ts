/** How long a silence may last, with what the address asks for. */
import { clock } from '../../format/time.ts';
import { duration } from '../../format/value.ts';
import { parseSpan } from '../../url/time.ts';

export interface SilenceSpan {
  /** In the address: `for=1h`, or `for=morning`. */
  readonly key: string;
  readonly text: string;
  /** On the button: `for 1 h`. */
  readonly name: string;
  readonly untilFrom: (now: number) => number;
}

const OFFERED = ['30m', '1h', '4h'];
const LONGEST_MS = 30 * 86_400_000;
const MORNING_HOUR = 8;

/** @param asked of the address; a span that is not offered is put first */
export function silenceSpans(asked: string | null, now: number): readonly SilenceSpan[] {
  const ms = parseSpan(asked);
  const isOther = asked !== null && ms !== undefined && ms > 0 && ms <= LONGEST_MS && !OFFERED.includes(asked);
  const keys = isOther ? [asked, ...OFFERED.slice(1)] : OFFERED;
  const morning = nextMorning(now);
  return [
    ...keys.map((key) => spanOf(key, now)),
    { key: 'morning', text: `Until ${clock(morning)}`, name: `until ${clock(morning)}`, untilFrom: nextMorning },
  ];
}

function spanOf(key: string, now: number): SilenceSpan {
  const ms = parseSpan(key) ?? 0;
  return {
    key,
    text: `${duration(ms)}, to ${clock(now + ms)}`,
    name: `for ${duration(ms)}`,
    untilFrom: (from) => from + ms,
  };
}

/** By the reader's clock. */
function nextMorning(now: number): number {
  const today = new Date(now).setHours(MORNING_HOUR, 0, 0, 0);
  return today > now ? today : new Date(today + 86_400_000).setHours(MORNING_HOUR, 0, 0, 0);
}
