/** What the tests of the packages for Debian and for RPM share. */
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect } from '@jest/globals';

import { waitFor } from '../support/servers/real-server.ts';
import { expectLive } from './live.ts';
import { ENVIRONMENT, type Booted, type Ended, type Machine } from './machine.ts';

export const UNSENT = /healthd: \d+ lines were not sent to the output influxdb/;

/** Where a package puts the program. */
export const PROGRAM = 'usr/lib/healthd';

/** Lets the installed package work, with a plugin beside a configuration of its own. */
export async function expectLiveIn(machine: Machine): Promise<void> {
  await expectLive({
    command: asService(machine),
    outside: join(machine.root, 'srv/live'),
    inside: '/srv/live',
    state: '/var/lib/healthd',
  });
}

function asService({ root }: Machine): readonly string[] {
  return ['chroot', '--userspec=healthd:healthd', root, '/usr/bin/healthd'];
}

/** Lines for an output that is not there stay in the journal. */
export async function leaveUnsentLines(machine: Machine): Promise<void> {
  configure(machine, 'agent: { interval: 1s }\ninputs: [cpu, mem]\noutputs:\n  - influxdb: { url: "http://127.0.0.1:9", database: d }\n'); // prettier-ignore
  await whileRunning(machine, () =>
    waitFor(() => /"unsent_lines":[1-9]|"backlog_lines":[1-9]/.test(journalStatus(machine)), {
      timeout: 60_000,
      interval: 200,
      what: 'A line in the journal',
    }),
  );
}

function journalStatus(machine: Machine): string {
  const user = ['runuser', '-u', 'healthd', '--', 'env', 'STATE_DIRECTORY=/var/lib/healthd'];
  return machine.run(...user, 'healthd', 'journal', 'status', '--json').stdout.replaceAll(/\s/g, '');
}

export function configure({ root }: Machine, text: string): void {
  writeFileSync(join(root, 'etc/healthd/healthd.yaml'), text);
}

/** Runs the installed agent as its user during `body`, and expects that it stops cleanly. */
export async function whileRunning(machine: Machine, body: () => Promise<void> | void): Promise<void> {
  const [program = '', ...args] = asService(machine);
  const child = spawn(program, [...args, 'run'], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...ENVIRONMENT, STATE_DIRECTORY: '/var/lib/healthd' },
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  const closed = new Promise<number | null>((resolve) => child.on('close', resolve));
  try {
    await waitFor(() => said.includes(' Started '), { timeout: 60_000, what: 'The start' });
    await body();
    child.kill('SIGTERM');
    expect(await closed).toBe(0);
  } catch (error) {
    child.kill('SIGKILL');
    throw new Error(`${String(error)}\n${said}`, { cause: error });
  }
}

/** What systemd runs: version and process. Waits, because a start takes a moment. */
export async function expectService({ run }: Booted, version: string): Promise<string> {
  let said: Ended | undefined;
  const first = () => /^healthd (\S+) runs: process (\d+)/.exec((said = run('healthd', 'status')).stdout);
  await waitFor(() => first()?.[1] === version, { timeout: 60_000, interval: 200, what: `healthd ${version} as a service` }).catch((error: unknown) => { throw new Error(`${String(error)}\n${JSON.stringify(said)}\n${run('journalctl', '--unit=healthd').stdout}`, { cause: error }) }); // prettier-ignore
  expect(run('systemctl', 'is-active', 'healthd').stdout).toBe('active\n');
  return first()?.[2] ?? '';
}
