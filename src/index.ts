/** Embedding: runs the agent inside another program (`import { createAgent } from 'healthd'`). */
import { Agent, type AgentOptions } from './agent/agent.ts';
import { builtInPlugins } from './registry/registry.ts';
import { healthdVersion } from './version.ts';

export { checkConfig, loadConfig, type LoadedConfig, type LoadSettings } from './config/load.ts';
export { defineConfig, type ConfigFile } from './config/define-config.ts';
export { formatProblems, InvalidConfig, type Problem } from './config/problem.ts';
export { builtInPlugins, createRegistry, type Registry } from './registry/registry.ts';
export type { Agent };

/** Options of an embedded agent; `config` comes from `loadConfig` or `checkConfig`. */
export type CreateAgentOptions = Omit<AgentOptions, 'version' | 'environment'> &
  Partial<Pick<AgentOptions, 'version' | 'environment'>>;

/**
 * Creates an agent without starting it. Call `start()`, and finally `stop()`, which flushes the outputs.
 *
 * @param options.logFor makes the logger of a component, by its name
 * @param options.environment HOST_PROC, HOST_SYS, …; default: empty, which means this machine
 */
export function createAgent(options: CreateAgentOptions): Agent {
  const findInput: AgentOptions['findInput'] = (name) => builtInPlugins.find('input', name);
  return new Agent({ version: healthdVersion(), environment: {}, findInput, ...options });
}
