import { defineProcessor, z } from '../../plugin/index.ts';
import type { Fields, Tags } from '../../plugin/index.ts';

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
  create({ replace }) {
    const renamingsOf = (kind: (typeof KINDS)[number]): readonly Renaming[] =>
      replace.flatMap((each) => (each[kind] === undefined ? [] : [{ from: each[kind], to: each.dest }]));

    const measurements = renamingsOf('measurement');
    const renameTags = keyRenamer<Tags>(renamingsOf('tag'));
    const renameFields = keyRenamer<Fields>(renamingsOf('field'));
    return {
      process(metric) {
        const name = measurements.reduce((current, { from, to }) => (current === from ? to : current), metric.name);
        const tags = renameTags(metric.tags);
        const fields = renameFields(metric.fields);
        const isSame = name === metric.name && tags === metric.tags && fields === metric.fields;
        return isSame ? metric : { name, tags, fields, time: metric.time };
      },
    };
  },
});
