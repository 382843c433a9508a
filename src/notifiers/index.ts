import type { NotifierPlugin } from '../plugin/index.ts';

/** The built-in notifiers. Each is imported only when a configuration names it. */
export const notifiers: Readonly<Record<string, () => Promise<NotifierPlugin>>> = {
  alertmanager: async () => (await import('./alertmanager/index.ts')).alertmanager,
  console: async () => (await import('./console/index.ts')).consoleNotifier,
  email: async () => (await import('./email/index.ts')).email,
  exec: async () => (await import('./exec/index.ts')).exec,
  pagerduty: async () => (await import('./pagerduty/index.ts')).pagerduty,
  slack: async () => (await import('./slack/index.ts')).slack,
  teams: async () => (await import('./teams/index.ts')).teams,
  webhook: async () => (await import('./webhook/index.ts')).webhook,
};
