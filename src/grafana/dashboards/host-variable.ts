import type { VariableDefinition } from '../definition.ts';

/** Selects hosts; every dashboard has it. */
export const HOST: VariableDefinition = { name: 'host', label: 'Host', tag: 'host', from: 'system.uptime' };
