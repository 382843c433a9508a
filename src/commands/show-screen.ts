/** Gathers the facts of the first screen, and shows it. */
import type { Config } from '../config/config.ts';
import { openHost } from '../host/machine.ts';
import { userName } from '../host/user-name.ts';
import { healthdVersion } from '../version.ts';

import type { Terminal } from './command.ts';
import { discover } from './discovery.ts';
import { firstScreen } from './first-screen.ts';
import { beginGlance } from './glance.ts';
import { invocation } from './invocation.ts';
import { printLines } from './print.ts';

/** @returns shows the screen, unless the agent was asked to stop meanwhile */
export function prepareScreen(terminal: Terminal) {
  const glance = beginGlance();
  const discovery = discover(terminal.environment, process.platform);
  return async (config: Config, address: string | undefined, stop: AbortSignal): Promise<void> => {
    const facts = {
      ...hostFacts(config, terminal),
      version: healthdVersion(),
      config,
      discovery: await discovery,
      glance: await glance(),
      address,
      user: process.getuid?.() === 0 ? undefined : userName(),
      program: invocation(terminal),
    };
    if (!stop.aborted) printLines(terminal.stdout, firstScreen(facts));
  };
}

function hostFacts({ agent }: Config, { environment }: Terminal) {
  const host = openHost({ environment, hostname: agent.hostname });
  const system = /^PRETTY_NAME="?(.*?)"?$/m.exec(host.readOptional(`${host.etc}/os-release`))?.[1] ?? '';
  host.close();
  return { hostname: host.hostname, system };
}
