/** Series in the API: how they are named, found, and what a query answers. Times are ms since the Unix epoch. */
import { z } from '../plugin/index.ts';

/** Names one field of one series set as text: `cpu.usage_idle{cpu=cpu-total}`. `series-name.ts` has the format. */
export const seriesName = z.string().min(1).max(2000);

/** What is known of a field, from the catalog of its input. Absent for fields that no input declares. */
export const fieldInfo = z.object({
  name: z.string(),
  type: z.enum(['int', 'float', 'string', 'bool']),
  /** As in the catalog: `bytes`, `percent`, `s`, …; empty if it has none. */
  unit: z.string(),
  kind: z.enum(['gauge', 'counter']),
  help: z.string(),
});

/** A measurement with one set of tags. */
export const seriesSet = z.object({
  measurement: z.string(),
  tags: z.record(z.string(), z.string()),
  fields: z.array(fieldInfo),
  /** Of the newest sample. */
  lastAt: z.number(),
});

/** `GET /api/v1/series?q=&limit=`: sets whose measurement, tags, fields or help contain every word of `q`. */
export const seriesAnswer = z.object({ sets: z.array(seriesSet), isComplete: z.boolean() });

export const queryFunction = z.enum(['mean', 'min', 'max', 'last', 'rate']);

/** One for each bucket; null where there is no value. */
const values = z.array(z.number().nullable());

/**
 * `GET /api/v1/query?s=…&s=…&from=&to=&width=&fn=mean,min,max`: at most 100 series. `width` is the number of buckets wanted,
 * such as pixels of a chart (1 to 5000, default 600); the step is a whole one at least as long as that asks for. `rate` is
 * per second.
 */
export const queryAnswer = z.object({
  /** Start of the first bucket. */
  from: z.number(),
  /** ms. */
  step: z.number(),
  /** As asked, in that order; a series that the history does not know has empty values. */
  series: z.array(z.object({ name: seriesName, values: z.partialRecord(queryFunction, values) })),
});

/** `GET /api/v1/usual?s=…&from=&to=`: what is usual for the hour of the week, from roll-ups; empty below three days. */
export const usualAnswer = z.object({
  series: z.array(
    z.object({
      name: seriesName,
      /** One for each hour that the range touches, from the start of the first. */
      from: z.number(),
      low: values,
      high: values,
    }),
  ),
});

/** `GET /api/v1/changes?from=&to=&against=before|day|week&limit=`: series ranked by how much they differ, most first. */
export const changesAnswer = z.object({
  /** Series that had samples in both spans. */
  compared: z.number(),
  /** How long it took. */
  ms: z.number(),
  rows: z.array(
    z.object({
      name: seriesName,
      unit: z.string(),
      /** Whether values are per second, of a counter. */
      isRate: z.boolean(),
      /** Medians of the two spans. */
      before: z.number(),
      after: z.number(),
      /** `after` to `before`, both at least the smallest step that counts; below 1 if it fell. */
      factor: z.number(),
      score: z.number(),
      /** Of both spans together, 32 buckets. */
      spark: values,
    }),
  ),
});

export type FieldInfo = z.infer<typeof fieldInfo>;
export type SeriesSetInfo = z.infer<typeof seriesSet>;
export type SeriesAnswer = z.infer<typeof seriesAnswer>;
export type QueryFunction = z.infer<typeof queryFunction>;
export type QueryAnswer = z.infer<typeof queryAnswer>;
export type UsualAnswer = z.infer<typeof usualAnswer>;
export type ChangesAnswer = z.infer<typeof changesAnswer>;
