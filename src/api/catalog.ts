/** What the inputs declare about their metrics. */
import { z } from '../plugin/index.ts';

const kind = z.enum(['gauge', 'counter']);

const fieldSpec = z.object({
  type: z.enum(['int', 'float', 'string', 'bool']),
  /** `bytes`, `percent`, `s`, …; absent if it has none. */
  unit: z.string().optional(),
  help: z.string(),
  /** Overrides that of the measurement. */
  kind: kind.optional(),
});

/** `GET /api/v1/catalog`: by measurement. Series of other measurements may exist; what they are is not known. */
export const catalogAnswer = z.object({
  measurements: z.record(
    z.string(),
    z.object({
      help: z.string().optional(),
      /** Default: gauge. */
      kind: kind.optional(),
      /** Tag key → its meaning; `*` stands for any. */
      tags: z.record(z.string(), z.string()).optional(),
      fields: z.record(z.string(), fieldSpec),
      /** Of fields that are not declared, whose names come from outside. */
      dynamic: fieldSpec.optional(),
    }),
  ),
});

export type CatalogAnswer = z.infer<typeof catalogAnswer>;
