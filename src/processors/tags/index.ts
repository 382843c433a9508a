import { compileGlobs, defineProcessor, globs, z, type Tags } from '../../plugin/index.ts';

/** Adds and removes tags. */
export const tags = defineProcessor({
  name: 'tags',
  summary: 'Adds tags to metrics and removes tags from them',
  config: z.strictObject({
    add: z
      .record(z.string().min(1), z.string())
      .default({})
      .describe('Tags to set; a value may be ${env:NAME} or ${file:/path}, and an empty one adds nothing'),
    remove: globs().describe('Globs of tag keys to remove; done before tags are added'),
    overwrite: z.boolean().default(true).describe('Whether an added tag replaces one that the metric already has'),
  }),
  create({ add, remove, overwrite }) {
    const added = Object.entries(add).filter(([, value]) => value !== '');
    const isRemoved = compileGlobs(remove);

    function change(given: Tags): Tags {
      const kept = Object.entries(given).filter(([key]) => !isRemoved(key));
      const changed = Object.fromEntries(overwrite ? [...kept, ...added] : [...added, ...kept]);
      return isEqual(changed, given) ? given : changed;
    }

    // Frozen tags stand for their series, so the answer is the same each time.
    const known = new WeakMap<Tags, Tags>();
    function changeOnce(given: Tags): Tags {
      const remembered = known.get(given);
      if (remembered !== undefined) return remembered;
      const changed = change(given);
      if (Object.isFrozen(given)) known.set(given, Object.freeze(changed));
      return changed;
    }

    return {
      process(metric) {
        const changed = changeOnce(metric.tags);
        return changed === metric.tags ? metric : { ...metric, tags: changed };
      },
    };
  },
});

function isEqual(a: Tags, b: Tags): boolean {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && a[key] === b[key]);
}
