/** The section `history`. */
import { bytes, duration, z } from '../plugin/index.ts';
import { DAY_MS, HOUR_MS } from './spans.ts';

const SMALLEST_FILE = 16 * 1024 * 1024;

const atLeast = (least: number, text: string) =>
  duration().refine((time) => time >= least, `must be ${text} or longer`);

export const historySchema = z.strictObject({
  raw: atLeast(HOUR_MS, '1h').prefault('14d').describe('How long samples are kept as they were collected'),
  minutes: atLeast(DAY_MS, '1d')
    .prefault('400d')
    .describe('How long one-minute roll-ups (min, max, sum, count, last) are kept'),
  max_bytes: bytes()
    .refine((count) => count >= SMALLEST_FILE, 'must be 16MiB or more')
    .prefault('1GiB')
    .describe('Maximum size of the file; the oldest samples are deleted first, roll-ups last'),
});

/** Times in ms, size in bytes. */
export type HistorySettings = Readonly<z.output<typeof historySchema>>;
