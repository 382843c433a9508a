/** Embedding (`import { createAgent } from 'healthd'`): the agent inside another program. */
import { Agent, type AgentOptions } from './agent/agent.ts';
import { healthdVersion } from './version.ts';

export { checkConfig, loadConfig, type LoadedConfig, type LoadSettings } from './config/load.ts';
export { formatProblems, InvalidConfig, type Problem } from './config/problem.ts';
export { builtInPlugins, createRegistry, type Registry } from './registry/registry.ts';
export type { Agent };

/** What an embedding program hands in; `config` comes from `loadConfig` or `checkConfig`. */
export type CreateAgentOptions = Omit<AgentOptions, 'version' | 'environment'> &
  Partial<Pick<AgentOptions, 'version' | 'environment'>>;

/**
 * An agent that has not started. Call `start()`, and in the end `stop()`, which sends what is left.
 *
 * @param options.logFor where the agent's own log lines go; it is given the name of who speaks
 * @param options.environment HOST_PROC, HOST_SYS, …; default: none, that is this machine
 */
export function createAgent(options: CreateAgentOptions): Agent {
  return new Agent({ version: healthdVersion(), environment: {}, ...options });
}
