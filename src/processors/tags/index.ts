import { compileGlobs, defineProcessor, globs, z, type Tags } from '../../plugin/index.ts';

/** Adds and removes tags. */
export const tags = defineProcessor({
  name: 'tags',
  summary: 'Adds and removes tags',
  config: z.strictObject({
    add: z
      .record(z.string().min(1), z.string())
      .default({})
      .describe('Tags to add; a value may be ${env:NAME} or ${file:/path}, and an empty value adds nothing'),
    remove: globs().describe('Globs of tag keys to remove, before tags are added'),
    overwrite: z.boolean().default(true).describe('Replaces existing tags of the same key'),
  }),
  catalog: (_, given) => given,
  create({ add, remove, overwrite }) {
    const added = Object.entries(add).filter(([, value]) => value !== '');
    const isRemoved = compileGlobs(remove);

    function change(given: Tags): Tags {
      const kept = Object.entries(given).filter(([key]) => !isRemoved(key));
      const changed = Object.fromEntries(overwrite ? [...kept, ...added] : [...added, ...kept]);
      return isEqual(changed, given) ? given : changed;
    }

    // Frozen tags identify their series, so the result can be cached.
    const cache = new WeakMap<Tags, Tags>();
    function changeCached(given: Tags): Tags {
      const cached = cache.get(given);
      if (cached !== undefined) return cached;
      const changed = change(given);
      if (Object.isFrozen(given)) cache.set(given, Object.freeze(changed));
      return changed;
    }

    return {
      process(metric) {
        const changed = changeCached(metric.tags);
        return changed === metric.tags ? metric : { ...metric, tags: changed };
      },
    };
  },
});

function isEqual(a: Tags, b: Tags): boolean {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && a[key] === b[key]);
}
