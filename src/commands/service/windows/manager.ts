/** healthd as a service of Windows, or as a task that runs when Windows starts. */
import { win32 } from 'node:path';

import { ConfigError } from '../../../core/errors.ts';
import { LOCAL_SERVICE, SERVICE_ACCOUNT, SERVICE_NAME, serviceSid } from '../../../service/windows/account.ts';
import type { ServiceCommand } from '../../../service/windows/command.ts';
import { winswConfiguration } from '../../../service/windows/winsw.ts';

import type { Terminal } from '../../command.ts';
import { findStateDirectory } from '../../daemon.ts';
import { exists } from '../../discovery.ts';
import { askAccess, type AskAccess } from '../../windows-access.ts';
import { refuseForeignFolder, refuseForeignFolders, refuseForeignProgram } from '../../windows-folders.ts';

import type { ServiceManager, ServiceOptions } from '../manager.ts';
import { programFiles } from '../program-files.ts';
import { runProgram, type Step } from '../steps.ts';

import { installedHere, type Installed } from './installed.ts';
import { placesOf, type Places } from './places.ts';
import { folderSteps, removeSteps, serviceSteps, taskSteps } from './steps.ts';

/** What it asks of the system. */
export interface WindowsSystem {
  readonly run: typeof runProgram;
  readonly access: AskAccess;
  readonly exists: (path: string) => Promise<boolean>;
  readonly program: typeof programFiles;
  readonly stateDirectory: typeof findStateDirectory;
}

const SYSTEM: WindowsSystem = {
  ...{ run: runProgram, access: askAccess, exists, program: programFiles, stateDirectory: findStateDirectory },
};

export class WindowsServices implements ServiceManager {
  readonly installed = 'healthd runs, and starts with Windows. Whether it does: healthd service status';
  readonly uninstalled: string;
  readonly #environment: Terminal['environment'];
  readonly #isLookingOnly: boolean;
  readonly #system: WindowsSystem;
  readonly #at: Places;

  /** @param isLookingOnly the rights of the user and of the program are not checked */
  constructor(environment: Terminal['environment'], isLookingOnly: boolean, system = SYSTEM) {
    this.#environment = environment;
    this.#isLookingOnly = isLookingOnly;
    this.#system = system;
    this.#at = placesOf(environment);
    this.uninstalled = `It is removed. What is left can be removed with: rmdir /s "${this.#at.data}"`;
  }

  async install({ config, winsw, task }: ServiceOptions, terminal: Terminal): Promise<readonly Step[]> {
    const at = this.#at;
    const file = config === undefined ? undefined : win32.resolve(terminal.cwd, config);
    const service = { command: this.#system.program(), config: file };
    if (winsw !== undefined)
      return [{ write: `${winsw.replace(/\.exe$/i, '')}.xml`, text: winswConfiguration(service) }];
    if (!this.#isLookingOnly) await refuseForeignProgram(service.command, this.#environment, this.#system.access);
    if (file !== undefined && !(await this.#system.exists(file)))
      throw new ConfigError(`The configuration ${file} does not exist; write one with: healthd init "${file}"`);
    const installed = await this.#find();
    const kind = task ? 'task' : 'service';
    if (installed !== undefined && installed.kind !== kind)
      throw new ConfigError(`healthd is installed as a ${installed.kind}; remove it first: healthd service uninstall`);
    if (!task && !(await this.#system.exists(at.compiler)))
      throw new ConfigError(
        `The compiler ${at.compiler} of the .NET Framework 4 is not there, which the service needs; use WinSW (--winsw), or a task (--task)`,
      );
    const own = task ? taskSteps(at, service) : serviceSteps(at, service, installed !== undefined);
    return [...(await this.#halt(installed)), ...(await this.#folders(service, task, terminal)), ...own];
  }

  async uninstall(): Promise<readonly Step[]> {
    const installed = await this.#found();
    return [...(await this.#halt(installed)), ...removeSteps(this.#at, installed.kind)];
  }

  async start(): Promise<readonly Step[]> {
    const { kind } = await this.#found();
    const { net, schtasks } = this.#at;
    return [{ run: kind === 'task' ? [schtasks, '/run', '/tn', SERVICE_NAME] : [net, 'start', SERVICE_NAME] }];
  }

  async stop(): Promise<readonly Step[]> {
    return this.#halt(await this.#found());
  }

  async status(): Promise<{ readonly text: string; readonly isRunning: boolean }> {
    const installed = await this.#find();
    if (installed === undefined)
      return { text: 'The service is not installed; install it with: healthd service install', isRunning: false };
    const isRunning = installed.kind === 'task' ? await this.#answers(installed.config) : installed.isRunning;
    const runs = `Runs: ${isRunning ? 'yes' : 'no'}`;
    if (installed.kind === 'task') return { text: `Task ${SERVICE_NAME}\n${runs}`, isRunning };
    const log = `Log: Event Viewer, Windows Logs, Application, source ${SERVICE_NAME}`;
    return { text: `${this.#at.program}\n${runs}\nAccount: ${SERVICE_ACCOUNT}\n${log}`, isRunning };
  }

  #find(): Promise<Installed | undefined> {
    return installedHere(this.#at, this.#system.run);
  }

  async #found(): Promise<Installed> {
    const installed = await this.#find();
    if (installed === undefined) throw new ConfigError('The service is not installed');
    return installed;
  }

  async #folders({ config }: ServiceCommand, task: boolean, terminal: Terminal): Promise<readonly Step[]> {
    const where = { path: config, cwd: terminal.cwd, environment: this.#environment };
    const { access, stateDirectory } = this.#system;
    return folderSteps(this.#at, {
      config,
      state: await stateDirectory(config === undefined ? {} : { config }, terminal),
      sid: task ? LOCAL_SERVICE.sid : serviceSid(SERVICE_NAME),
      check: async () => {
        await refuseForeignFolder(this.#at.data, this.#environment, access);
        await refuseForeignFolders(where, access);
      },
    });
  }

  /** Steps until nothing runs. */
  async #halt(installed: Installed | undefined): Promise<readonly Step[]> {
    if (installed === undefined) return [];
    if (installed.kind === 'task')
      return (await this.#answers(installed.config)) ? [{ run: this.#agent('stop', installed.config) }] : [];
    return installed.isRunning ? [{ run: [this.#at.net, 'stop', SERVICE_NAME] }] : [];
  }

  async #answers(config: string | undefined): Promise<boolean> {
    return this.#system.run(this.#agent('status', config)).then(
      () => true,
      () => false,
    );
  }

  #agent(command: string, config: string | undefined): [string, ...string[]] {
    return [...this.#system.program(), command, ...(config === undefined ? [] : ['--config', config])];
  }
}
