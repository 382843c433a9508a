import type { NotifierPlugin } from '../plugin.ts';

/** The built-in notifiers. Each is imported only when a configuration names it. */
export const notifiers: Readonly<Record<string, () => Promise<NotifierPlugin>>> = {};
