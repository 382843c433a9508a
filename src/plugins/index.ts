import type { InputPlugin } from '../plugin.ts';

/** The built-in inputs. Each is imported only when a configuration names it. */
export const inputs: Readonly<Record<string, () => Promise<InputPlugin>>> = {
  mem: async () => (await import('./mem/index.ts')).mem,
};
