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
  readonly winsw?: string;
  readonly task?: boolean;
  readonly dryRun?: boolean;
}

export async function serviceInstall(options: InstallOptions, terminal: Terminal): Promise<ExitCode> {
  const isForWindows = options.winsw !== undefined || options.task === true;
  if (isForWindows && process.platform !== 'win32') throw new ConfigError('--winsw and --task are for Windows');
  if (options.winsw !== undefined && options.task === true) throw new ConfigError('Give --winsw or --task, not both');
  const manager = await managerOf(terminal, options.dryRun === true || options.winsw !== undefined);
  const asked = { ...options, watchesDocker: options.docker === true, task: options.task === true };
  const steps = await manager.install(asked, terminal);
  const done = options.winsw === undefined ? manager.installed : `Go on with: "${options.winsw}" install`;
  return perform(steps, options, terminal, done);
}

export async function serviceUninstall(options: { readonly dryRun?: boolean }, terminal: Terminal): Promise<ExitCode> {
  const manager = await managerOf(terminal, options.dryRun === true);
  return perform(await manager.uninstall(), options, terminal, manager.uninstalled);
}

export async function serviceStart(_options: object, terminal: Terminal): Promise<ExitCode> {
  const manager = await managerOf(terminal, false);
  return perform(await manager.start(), {}, terminal, 'Started');
}

export async function serviceStop(_options: object, terminal: Terminal): Promise<ExitCode> {
  const manager = await managerOf(terminal, false);
  return perform(await manager.stop(), {}, terminal, 'Stopped, until the next boot');
}

/** Exit code 0: it runs; 3: it does not. */
export async function serviceStatus(_options: object, terminal: Terminal): Promise<ExitCode> {
  const manager = await managerOf(terminal, true);
  const { text, isRunning } = await manager.status();
  print(terminal.stdout, text);
  return isRunning ? EXIT.ok : EXIT.notRunning;
}

/** @throws ConfigError without a service manager, or for a user who may not use it */
async function managerOf(terminal: Terminal, isLookingOnly: boolean): Promise<ServiceManager> {
  if (process.platform === 'win32') {
    const { WindowsServices } = await import('./windows/manager.ts');
    return new WindowsServices(terminal.environment, isLookingOnly);
  }
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
    print(stdout, steps.map((step) => stepText(step)).join('\n'));
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
