/** `healthd service install|status|uninstall`. */
import { ConfigError, describeError } from '../../core/errors.ts';

import { EXIT, type ConfigOptions, type ExitCode, type Terminal } from '../command.ts';
import { exists } from '../discovery.ts';
import { print } from '../print.ts';

import { launchd } from './launchd-manager.ts';
import type { ServiceManager } from './manager.ts';
import { carryOut, stepText, type Step } from './steps.ts';
import { systemd } from './systemd-manager.ts';

export interface InstallOptions extends ConfigOptions {
  readonly docker?: boolean;
  readonly dryRun?: boolean;
}

export async function serviceInstall(options: InstallOptions, terminal: Terminal): Promise<ExitCode> {
  const manager = await managerOf(options.dryRun === true);
  const steps = await manager.install({ ...options, watchesDocker: options.docker === true }, terminal);
  return perform(steps, options, terminal, manager.installed);
}

export async function serviceUninstall(options: { readonly dryRun?: boolean }, terminal: Terminal): Promise<ExitCode> {
  const manager = await managerOf(options.dryRun === true);
  return perform(await manager.uninstall(), options, terminal, manager.uninstalled);
}

/** Exit code 0: it runs; 3: it does not. */
export async function serviceStatus(_options: object, { stdout }: Terminal): Promise<ExitCode> {
  const manager = await managerOf(true);
  const { text, isRunning } = await manager.status();
  print(stdout, text);
  return isRunning ? EXIT.ok : EXIT.notRunning;
}

/** @throws ConfigError without a service manager, or for a user who may not use it */
async function managerOf(isLookingOnly: boolean): Promise<ServiceManager> {
  const isMac = process.platform === 'darwin';
  if (!isMac && !isLookingOnly && !(await exists('/run/systemd/system'))) {
    throw new ConfigError('This host does not run systemd; let its init start "healthd run"');
  }
  if (!isLookingOnly && process.getuid?.() !== 0) throw new ConfigError('Only root may do that; put sudo in front');
  return isMac ? launchd : systemd;
}

async function perform(
  steps: readonly Step[],
  { dryRun }: { readonly dryRun?: boolean },
  { stdout, stderr }: Terminal,
  done: string,
): Promise<ExitCode> {
  if (dryRun === true) {
    print(stdout, steps.map(stepText).join('\n'));
    return EXIT.ok;
  }
  try {
    await carryOut(steps);
  } catch (error) {
    print(stderr, describeError(error));
    return EXIT.failed;
  }
  print(stdout, done);
  return EXIT.ok;
}
