import type { ProcessorPlugin } from '../plugin/index.ts';

/** The built-in processors, imported lazily when a configuration names them. */
export const processors: Readonly<Record<string, () => Promise<ProcessorPlugin>>> = {
  aggregate: async () => (await import('./aggregate/index.ts')).aggregate,
  rename: async () => (await import('./rename/index.ts')).rename,
  tags: async () => (await import('./tags/index.ts')).tags,
};
