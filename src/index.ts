/** Embedding (`import { createAgent } from 'healthd'`): the agent inside another program. */
import { Agent, type AgentOptions } from './agent/agent.ts';
import { healthdVersion } from './version.ts';

export { loadConfig } from './config/load.ts';
export type { Config } from './config/config.ts';
export type { Agent };

/**
 * An agent that has not started. Call `start()`, and `stop()` in the end: it sends what is left.
 *
 * @param options.config what `loadConfig` returned
 * @param options.logFor where the agent's own log lines go; `name` says who speaks
 */
export function createAgent(options: Omit<AgentOptions, 'version' | 'environment'> & Partial<AgentOptions>): Agent {
  return new Agent({ version: healthdVersion(), environment: {}, ...options });
}
