import { defineProcessor, z } from '../../plugin/index.ts';
import type { Fields, MetricSpec, Tags } from '../../plugin/index.ts';

import { keyRenamer } from './rename-keys.ts';
import type { Renaming } from './rename-keys.ts';

const KINDS = ['measurement', 'tag', 'field'] as const;

const rule = z
  .strictObject({
    measurement: z.string().min(1).optional().describe('Measurement to rename'),
    tag: z.string().min(1).optional().describe('Tag key to rename'),
    field: z.string().min(1).optional().describe('Field key to rename'),
    dest: z.string().min(1).describe('New name'),
  })
  .refine((given) => KINDS.filter((kind) => given[kind] !== undefined).length === 1, {
    error: 'A rule needs exactly one of measurement, tag and field',
  });

/** Renames measurements, tags and fields. Rules apply in order, so one may build on another. */
export const rename = defineProcessor({
  name: 'rename',
  summary: 'Renames measurements, tags and fields',
  config: z.strictObject({
    replace: z
      .array(rule)
      .min(1)
      .meta({ examples: [[{ measurement: 'a', dest: 'b' }]] })
      .describe('Rules, applied in order: { measurement, tag or field: old name, dest: new name }'),
  }),
  catalog({ replace }, given) {
    const renameFields = keyRenamer<MetricSpec['fields']>(renamingsOf(replace, 'field'));
    return Object.fromEntries(
      Object.entries(given).map(([name, spec]) => [
        renamed(name, renamingsOf(replace, 'measurement')),
        { ...spec, fields: renameFields(spec.fields) },
      ]),
    );
  },
  create({ replace }) {
    const measurements = renamingsOf(replace, 'measurement');
    const renameTags = keyRenamer<Tags>(renamingsOf(replace, 'tag'));
    const renameFields = keyRenamer<Fields>(renamingsOf(replace, 'field'));
    return {
      process(metric) {
        const name = renamed(metric.name, measurements);
        const tags = renameTags(metric.tags);
        const fields = renameFields(metric.fields);
        const isSame = name === metric.name && tags === metric.tags && fields === metric.fields;
        return isSame ? metric : { name, tags, fields, time: metric.time };
      },
    };
  },
});

type Rules = readonly z.output<typeof rule>[];

function renamingsOf(rules: Rules, kind: (typeof KINDS)[number]): readonly Renaming[] {
  return rules.flatMap((each) => (each[kind] === undefined ? [] : [{ from: each[kind], to: each.dest }]));
}

function renamed(name: string, renamings: readonly Renaming[]): string {
  return renamings.reduce((current, { from, to }) => (current === from ? to : current), name);
}
