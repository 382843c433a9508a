import type { AgentEvents } from '../plugin/index.ts';

const silent = () => () => undefined;

/** For commands that only make plugins, and for tests. */
export const NO_EVENTS: AgentEvents = { onLog: silent, onAlertEvent: silent, alerts: () => [] };
