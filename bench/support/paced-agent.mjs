/** The default agent at 10 s with two outputs, in a process of its own: `node paced-agent.mjs disk|memory <state folder>`. */
import { loadSource } from '../../scripts/load-source.mjs';
import { startAgent } from './ticks.mjs';

const [, , buffer, state] = process.argv;
const core = await loadSource('bench/support/journal.ts');
await startAgent(core, { buffer }, state, core.systemClock);
