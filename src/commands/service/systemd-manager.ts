/** healthd as a service of systemd. */
import { readFile, stat } from 'node:fs/promises';
import { delimiter, join, resolve } from 'node:path';

import { ConfigError, unlessMissing } from '../../core/errors.ts';
import { SERVICE_USER, UNIT_MARK, unitFile } from '../../service/systemd.ts';

import { exists } from '../discovery.ts';

import type { ServiceManager } from './manager.ts';
import { programFiles, refuseUnreachable } from './program-files.ts';
import { runProgram, type Step } from './steps.ts';

const UNIT = '/etc/systemd/system/healthd.service';
/** Where packages put units. */
const PACKAGED = ['/usr/lib/systemd/system/healthd.service', '/lib/systemd/system/healthd.service'];
const CONFIG = '/etc/healthd/healthd.yaml';

export const systemd: ServiceManager = {
  async install({ config, watchesDocker }, { cwd, environment }) {
    await refuseForeign();
    const command = programFiles();
    refuseUnreachable(command, SERVICE_USER);
    const file = config === undefined ? undefined : resolve(cwd, config);
    const unit = unitFile({ command, config: file, canNotify: await canNotify(environment['PATH']), watchesDocker });
    return [
      ...(await userSteps()),
      ...(await rightsOf(file ?? CONFIG, file !== undefined)),
      { write: UNIT, text: unit },
      { run: ['systemctl', 'daemon-reload'] },
      { run: ['systemctl', 'enable', 'healthd'] },
      { run: ['systemctl', 'restart', 'healthd'] },
    ];
  },

  async uninstall() {
    await refuseForeign();
    if (!(await exists(UNIT))) throw new ConfigError('The service is not installed');
    return [
      { run: ['systemctl', 'disable', '--now', 'healthd'] },
      { remove: UNIT },
      { run: ['systemctl', 'daemon-reload'] },
    ];
  },

  start: () => onInstalled('start'),
  stop: () => onInstalled('stop'),

  async status() {
    const found = await installedUnit();
    if (found === undefined)
      return { text: 'The service is not installed; install it with: healthd service install', isRunning: false };
    const [active, enabled] = await Promise.all([ask('is-active'), ask('is-enabled')]);
    const text = `${found}\nRuns: ${active}\nAt boot: ${enabled}\nLog: journalctl -u healthd`;
    return { text, isRunning: active === 'active' };
  },

  installed: 'healthd runs, and starts at each boot. Its log: journalctl -u healthd; its state: sudo healthd status',
  uninstalled: `The service is removed. What is left can be removed with: sudo rm -r /var/lib/healthd /etc/healthd; sudo userdel ${SERVICE_USER}`,
};

/** @returns its unit, of a package too */
async function installedUnit(): Promise<string | undefined> {
  const units = [UNIT, ...PACKAGED];
  const found = await Promise.all(units.map(exists));
  return units.find((_, index) => found[index] === true);
}

async function onInstalled(action: 'start' | 'stop'): Promise<readonly Step[]> {
  if ((await installedUnit()) === undefined) throw new ConfigError('The service is not installed');
  return [{ run: ['systemctl', action, 'healthd'] }];
}

/** @throws ConfigError if a package or a person has put a unit there */
async function refuseForeign(): Promise<void> {
  for (const path of PACKAGED) {
    if (await exists(path)) {
      throw new ConfigError(`A package has installed ${path}; use it: sudo systemctl enable --now healthd`);
    }
  }
  const text = await unlessMissing(readFile(UNIT, 'utf8'));
  if (text !== undefined && !text.startsWith(UNIT_MARK)) {
    throw new ConfigError(`${UNIT} was not written by healthd; remove it first`);
  }
}

async function canNotify(path = ''): Promise<boolean> {
  const places = path.split(delimiter).map((folder) => exists(join(folder, 'systemd-notify')));
  return (await Promise.all(places)).includes(true);
}

async function userSteps(): Promise<readonly Step[]> {
  const users = await readFile('/etc/passwd', 'utf8');
  if (users.split('\n').some((line) => line.startsWith(`${SERVICE_USER}:`))) return [];
  const options = ['--system', '--user-group', '--no-create-home', '--home-dir', '/nonexistent', '--shell', '/usr/sbin/nologin']; // prettier-ignore
  return [{ run: ['useradd', ...options, SERVICE_USER] }];
}

const READABLE = { byGroup: 0o040, byOthers: 0o004 } as const;

/** It may hold secrets, so it is for the group of the service and not for everybody. */
async function rightsOf(file: string, isNamed: boolean): Promise<readonly Step[]> {
  const status = await unlessMissing(stat(file));
  if (status === undefined) {
    if (isNamed)
      throw new ConfigError(`The configuration ${file} does not exist; write one with: healthd init ${file}`);
    return [];
  }
  if ((status.mode & READABLE.byOthers) !== 0) return [];
  return [{ run: ['chgrp', SERVICE_USER, file] }, { run: ['chmod', 'g+r', file] }];
}

/** `is-active` and `is-enabled` fail for what is not, and print the state. */
async function ask(question: 'is-active' | 'is-enabled'): Promise<string> {
  try {
    return (await runProgram(['systemctl', question, 'healthd'])).trim();
  } catch (error) {
    const { stdout = '' } = ((error as Error).cause ?? {}) as { readonly stdout?: string };
    return stdout.trim() || 'unknown: systemd does not answer';
  }
}
