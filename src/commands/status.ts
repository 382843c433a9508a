/** `healthd status`: whether the agent runs, what it does, and what is wrong. */
import type { AgentAnswer } from '../api/agent.ts';
import type { FindingsAnswer } from '../api/host.ts';
import { systemClock } from '../core/clock.ts';
import { ConfigError } from '../core/errors.ts';
import { ControlError, type ControlClient } from '../server/client.ts';

import { EXIT, type ConfigOptions, type ExitCode, type Terminal } from './command.ts';
import { perhapsElsewhere, SYSTEM_STATE, withDaemon, type Daemon } from './daemon.ts';
import { exists } from './discovery.ts';
import { jsonText, print, printLines } from './print.ts';
import { describeProblem } from './read-config.ts';
import { problemsOf } from './status-problems.ts';
import { statusLines } from './status-text.ts';

export interface StatusOptions extends ConfigOptions {
  readonly json?: boolean;
}

/** Exit code 0: nothing is wrong; 1: something is; 3: no agent is running. */
export function status(options: StatusOptions, terminal: Terminal): Promise<ExitCode> {
  return withDaemon(options, terminal, async (daemon) => {
    const agent = await stateOf(daemon.client);
    return agent === undefined ? notRunning(options, terminal, daemon) : running(agent, options, terminal, daemon);
  });
}

/** @returns undefined if no agent is running */
async function stateOf(client: ControlClient): Promise<AgentAnswer | undefined> {
  try {
    return (await client.get('/api/v1/agent')) as AgentAnswer;
  } catch (error) {
    if (error instanceof ConfigError) return undefined;
    throw error;
  }
}

async function running(
  agent: AgentAnswer,
  { json }: StatusOptions,
  { stdout }: Terminal,
  { client }: Daemon,
): Promise<ExitCode> {
  const findings = await unlessRefused<FindingsAnswer>(client.get('/api/v1/findings'));
  const address = (await unlessRefused<{ readonly url: string }>(client.post('/api/v1/session/address', undefined)))
    ?.url;
  const problems = problemsOf(agent, findings);
  if (json === true) print(stdout, jsonText({ running: true, problems, address: address ?? null, agent }));
  else printLines(stdout, statusLines({ agent, problems, address, now: systemClock.now() }));
  return problems.length === 0 ? EXIT.ok : EXIT.failed;
}

/** The part that would answer is off, or has nothing yet. */
async function unlessRefused<Answer>(asked: Promise<unknown>): Promise<Answer | undefined> {
  try {
    return (await asked) as Answer;
  } catch (error) {
    if (error instanceof ControlError) return undefined;
    throw error;
  }
}

async function notRunning(
  { json }: StatusOptions,
  { stdout, stderr }: Terminal,
  { stateDirectory, unreadable }: Daemon,
): Promise<ExitCode> {
  if (unreadable !== undefined) print(stderr, `${perhapsElsewhere(stateDirectory)}\n${describeProblem(unreadable)}`);
  if (json === true) print(stdout, jsonText({ running: false, stateDirectory }));
  else if (unreadable !== undefined) return EXIT.notRunning;
  else {
    print(stdout, `No healthd is running on ${stateDirectory}`);
    const isElsewhere = stateDirectory !== SYSTEM_STATE && (await exists(SYSTEM_STATE));
    if (isElsewhere) print(stdout, `Another one keeps its data in ${SYSTEM_STATE}: sudo healthd status`);
    else print(stdout, 'Start it with: healthd run');
  }
  return EXIT.notRunning;
}
