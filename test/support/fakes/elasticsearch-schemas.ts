/** Schemas of index templates, ILM policies and ISM policies, as far as healthd uses them; all other keys are refused. */
import { z } from 'zod';

const pattern = z.string().regex(/^[^A-Z\\/?"<>| ,#:]+$/);
const time = z.string().regex(/^\d+(?:d|h|m|s|ms)$/);
const size = z.string().regex(/^\d+(?:b|kb|mb|gb|tb)$/);
const mapped = z.strictObject({
  type: z.enum(['keyword', 'double']),
  ignore_above: z.number().optional(),
});
const property: z.ZodType = z.lazy(() =>
  z.strictObject({
    type: z.enum(['date', 'keyword', 'text', 'object']).optional(),
    properties: z.record(z.string(), property).optional(),
  }),
);
export const template = z.strictObject({
  index_patterns: z.array(pattern).min(1),
  priority: z.number().int().nonnegative(),
  version: z.number().int(),
  _meta: z.record(z.string(), z.unknown()),
  data_stream: z.strictObject({}).optional(),
  template: z.strictObject({
    settings: z.strictObject({
      index: z.strictObject({
        refresh_interval: time,
        codec: z.enum(['default', 'best_compression']),
        mapping: z.strictObject({ total_fields: z.strictObject({ limit: z.number().int() }) }),
        lifecycle: z.strictObject({ name: z.string() }).optional(),
      }),
    }),
    mappings: z.strictObject({
      date_detection: z.boolean(),
      dynamic_templates: z.array(
        z.record(
          z.string(),
          z.strictObject({
            path_match: z.string().optional(),
            match_mapping_type: z.enum(['string', 'double', 'long']).optional(),
            mapping: mapped,
          }),
        ),
      ),
      properties: z.record(z.string(), property),
    }),
  }),
});
export type Template = z.infer<typeof template>;

export const ilm = z.strictObject({
  policy: z.strictObject({
    phases: z.strictObject({
      hot: z.strictObject({
        min_age: time,
        actions: z.strictObject({
          rollover: z
            .strictObject({ max_size: size.optional(), max_age: time.optional() })
            .refine((conditions) => Object.keys(conditions).length > 0)
            .optional(),
        }),
      }),
      delete: z.strictObject({ min_age: time, actions: z.strictObject({ delete: z.strictObject({}) }) }).optional(),
    }),
  }),
});

export const ism = z.strictObject({
  policy: z
    .strictObject({
      description: z.string(),
      default_state: z.string(),
      states: z
        .array(
          z.strictObject({
            name: z.string(),
            actions: z.array(
              z.union([
                z.strictObject({ delete: z.strictObject({}) }),
                z.strictObject({
                  rollover: z.strictObject({ min_size: size.optional(), min_index_age: time.optional() }),
                }),
              ]),
            ),
            transitions: z.array(
              z.strictObject({ state_name: z.string(), conditions: z.strictObject({ min_index_age: time }) }),
            ),
          }),
        )
        .min(1),
      ism_template: z.array(
        z.strictObject({ index_patterns: z.array(pattern).min(1), priority: z.number().int().nonnegative() }),
      ),
    })
    .refine(({ states, default_state }) => {
      const names = states.map(({ name }) => name);
      const used = [default_state, ...states.flatMap(({ transitions }) => transitions.map((to) => to.state_name))];
      return used.every((name) => names.includes(name));
    }),
});
