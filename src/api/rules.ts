/** Rules of alerts in the API: those in force, and one that is being written. Times are ms since the Unix epoch. */
import { ALERT_LEVELS, z } from '../plugin/index.ts';

import { seriesName } from './series.ts';

/** `GET /api/v1/rules`: the rules in force. */
export const rulesAnswer = z.object({
  rules: z.array(
    z.object({
      id: z.string(),
      direction: z.enum(['above', 'below']).optional(),
      /** Of the limits, as in the catalog; empty if there is none. */
      unit: z.string(),
      limits: z.partialRecord(z.enum(ALERT_LEVELS), z.object({ at: z.number(), clear: z.number() })),
      /** How long a limit must be passed before it fires, ms. */
      for: z.number(),
      /** The tags that identify an alert, besides `host`; absent: all tags of the series. */
      groupBy: z.array(z.string()).optional(),
      /** What is compared with the limits; absent if it is more than the values of one field. */
      compared: z
        .object({
          /** `measurement.field`. */
          field: z.string(),
          /** The increase per second of a counter. */
          isRate: z.boolean(),
          /** The field is subtracted from this, such as idle time from 100. */
          from: z.number().optional(),
          /** The series that it watches, at most 50. */
          series: z.array(seriesName),
        })
        .optional(),
    }),
  ),
});

/** `85`, `85%`, `20GiB`, `50ms`. */
const limit = z.string().trim().max(40);

/** A threshold as the form has it; empty texts are absent. */
export const ruleDraft = z.strictObject({
  /** Of a new rule, or of the one whose limits change. */
  id: z.string().trim().min(1).max(64),
  /** Of a new rule: `measurement.field`. Absent: the limits of the rule `id` change. */
  metric: z.string().trim().min(1).max(200).optional(),
  direction: z.enum(['above', 'below']),
  warning: limit.optional(),
  critical: limit.optional(),
  /** How long the limit must be passed, such as `5m`. */
  for: z.string().trim().max(40).optional(),
});

export const DRAFT_FIELDS = ['id', 'metric', 'warning', 'critical', 'for'] as const;

const problem = z.object({
  /** Absent: of the rule as a whole, or of the configuration around it. */
  field: z.enum(DRAFT_FIELDS).optional(),
  message: z.string(),
});

/** `POST /api/v1/rules/preview`: what the check of the configuration says of a draft, and when it would have fired. */
export const rulePreviewAnswer = z.object({
  problems: z.array(problem),
  /** The file that would be written; absent: none can be. */
  file: z.string().optional(),
  /** Why no file can be written. */
  readOnly: z.string().optional(),
  /** Over the history; absent if there are problems. */
  past: z
    .object({
      from: z.number(),
      to: z.number(),
      /** Time between the samples that were evaluated, ms. */
      step: z.number(),
      series: z.number(),
      /** Series beyond the limit, which were left out. */
      leftOut: z.number(),
      /** How often it would have fired. */
      fired: z.number(),
      /** The newest, at most 100, the oldest first. `until` is absent if it would still fire. */
      spans: z.array(
        z.object({
          at: z.number(),
          until: z.number().optional(),
          level: z.enum(ALERT_LEVELS),
          series: z.string(),
          /** When it fired or became worse. */
          value: z.number().optional(),
        }),
      ),
      unit: z.string(),
    })
    .optional(),
  /** Why there is no past. */
  noPast: z.string().optional(),
});

/** `POST /api/v1/rules`: writes the draft to `alerts.d/page.yaml` and reloads. */
export const ruleRequest = z.strictObject({ draft: ruleDraft, by: z.string().trim().min(1).max(1000) });
export const ruleWritten = z.object({ file: z.string() });

export type RulesAnswer = z.infer<typeof rulesAnswer>;
export type RuleInfo = RulesAnswer['rules'][number];
export type RuleDraft = z.infer<typeof ruleDraft>;
export type DraftField = (typeof DRAFT_FIELDS)[number];
export type DraftProblem = z.infer<typeof problem>;
export type RulePreviewAnswer = z.infer<typeof rulePreviewAnswer>;
export type RuleBody = z.infer<typeof ruleRequest>;
export type RuleWritten = z.infer<typeof ruleWritten>;
