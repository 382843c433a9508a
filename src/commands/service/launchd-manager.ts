/** healthd as a service of launchd, on macOS. */
import { resolve } from 'node:path';

import { ConfigError } from '../../core/errors.ts';
import { LAUNCHD_LABEL, propertyList } from '../../service/launchd.ts';

import { exists } from '../discovery.ts';

import type { ServiceManager } from './manager.ts';
import { programFiles } from './program-files.ts';
import { runProgram, type Step } from './steps.ts';

const PLIST = `/Library/LaunchDaemons/${LAUNCHD_LABEL}.plist`;
const TARGET = `system/${LAUNCHD_LABEL}`;

export const launchd: ServiceManager = {
  async install({ config }, { cwd, environment }) {
    const text = propertyList({
      command: programFiles(),
      config: config === undefined ? undefined : resolve(cwd, config),
      user: environment['SUDO_USER'],
    });
    const before: readonly Step[] = (await exists(PLIST)) ? [{ run: ['launchctl', 'bootout', TARGET] }] : [];
    return [...before, { write: PLIST, text }, { run: ['launchctl', 'bootstrap', 'system', PLIST] }];
  },

  async uninstall() {
    await refuseMissing();
    return [{ run: ['launchctl', 'bootout', TARGET] }, { remove: PLIST }];
  },

  async start() {
    await refuseMissing();
    return [
      { run: (await isLoaded()) ? ['launchctl', 'kickstart', TARGET] : ['launchctl', 'bootstrap', 'system', PLIST] },
    ];
  },

  async stop() {
    await refuseMissing();
    return [{ run: ['launchctl', 'bootout', TARGET] }];
  },

  async status() {
    if (!(await exists(PLIST))) return { text: 'The service is not installed', isRunning: false };
    try {
      const isRunning = /^\s*state = running$/m.test(await runProgram(['launchctl', 'print', TARGET]));
      return { text: `${PLIST}\nRuns: ${isRunning ? 'yes' : 'no'}`, isRunning };
    } catch {
      return { text: `${PLIST}\nRuns: no; launchd does not know it`, isRunning: false };
    }
  },

  installed: 'healthd runs, and starts at each boot',
  uninstalled: 'The service is removed; data and configuration are left',
};

async function refuseMissing(): Promise<void> {
  if (!(await exists(PLIST))) throw new ConfigError('The service is not installed');
}

async function isLoaded(): Promise<boolean> {
  return runProgram(['launchctl', 'print', TARGET]).then(
    () => true,
    () => false,
  );
}
