import type { AgentEvents } from '../plugin/index.ts';

const silent = () => () => undefined;

/** Of an agent that does not run: commands that only make plugins, and tests. */
export const NO_EVENTS: AgentEvents = { onLog: silent, onAlertEvent: silent, alerts: () => [] };
