/** What an installation on Windows does. */
import { win32 } from 'node:path';

import { SERVICE_ACCOUNT, SERVICE_NAME } from '../../../service/windows/account.ts';
import type { ServiceCommand } from '../../../service/windows/command.ts';
import { serviceProgram } from '../../../service/windows/service-program.ts';
import { taskDefinition } from '../../../service/windows/task.ts';

import { CLOSED } from '../../windows-folders.ts';
import type { Step } from '../steps.ts';

import type { Places } from './places.ts';

const EVENT_SOURCE = `HKLM\\SYSTEM\\CurrentControlSet\\Services\\EventLog\\Application\\${SERVICE_NAME}`;
/** A service that ends by itself is started after 5 s, 30 s, then each minute; an hour without that begins with 5 s again. */
const ON_FAILURE = ['reset=', '3600', 'actions=', 'restart/5000/restart/30000/restart/60000'] as const;

interface Folders {
  readonly config: string | undefined;
  readonly state: string;
  /** Of the account. */
  readonly sid: string;
  /** @throws if somebody else could have written what is obeyed */
  readonly check: () => Promise<void>;
}

/** The account reads the configuration, and writes the state directory; nobody else but administrators sees either. */
export function folderSteps(at: Places, { config, state, sid, check }: Folders): readonly Step[] {
  const isNamed = config !== undefined && !isBelow(at.data, config);
  return [
    { mkdir: at.folder },
    { mkdir: at.data },
    // First: what others have put there by now is seen by the check.
    { run: [at.icacls, at.data, ...CLOSED, `*${sid}:(OI)(CI)RX`] },
    ...(isNamed ? [{ run: [at.icacls, config, '/grant:r', `*${sid}:R`] } as const] : []),
    { check: 'refuse folders and a configuration that others could have written', perform: check },
    { mkdir: state },
    { run: [at.icacls, state, ...(isBelow(at.data, state) ? ['/grant:r'] : CLOSED), `*${sid}:(OI)(CI)M`] },
  ];
}

function isBelow(folder: string, path: string): boolean {
  const from = win32.relative(folder, path);
  return !from.startsWith('..') && !win32.isAbsolute(from);
}

export function serviceSteps(at: Places, service: ServiceCommand, isThere: boolean): readonly Step[] {
  const source = (name: string, type: string, value: string): Step => ({
    run: [at.reg, 'add', EVENT_SOURCE, '/v', name, '/t', type, '/d', value, '/f'],
  });
  // In quotes: Windows would try C:\Program.exe first.
  const settings = ['binPath=', `"${at.program}"`, 'start=', 'delayed-auto', 'obj=', SERVICE_ACCOUNT] as const;
  return [
    { write: at.source, text: serviceProgram(service) },
    {
      run: [
        at.compiler,
        ...['/nologo', '/target:exe', '/platform:anycpu', '/optimize+', '/langversion:5'],
        ...['/reference:System.ServiceProcess.dll', `/out:${at.program}`, at.source],
      ],
    },
    source('EventMessageFile', 'REG_EXPAND_SZ', at.messages),
    source('TypesSupported', 'REG_DWORD', '7'),
    { run: [at.sc, isThere ? 'config' : 'create', SERVICE_NAME, ...settings, 'DisplayName=', SERVICE_NAME] },
    { run: [at.sc, 'description', SERVICE_NAME, 'Health monitoring and alerting'] },
    { run: [at.sc, 'failure', SERVICE_NAME, ...ON_FAILURE] },
    { run: [at.net, 'start', SERVICE_NAME] },
  ];
}

export function taskSteps(at: Places, service: ServiceCommand): readonly Step[] {
  return [
    // It takes no other encoding.
    { write: at.task, text: Buffer.from(`\uFEFF${taskDefinition(service)}`, 'utf16le') },
    { run: [at.schtasks, '/create', '/tn', SERVICE_NAME, '/xml', at.task, '/f'] },
    { run: [at.schtasks, '/run', '/tn', SERVICE_NAME] },
  ];
}

export function removeSteps(at: Places, kind: 'service' | 'task'): readonly Step[] {
  if (kind === 'task') return [{ run: [at.schtasks, '/delete', '/tn', SERVICE_NAME, '/f'] }, { remove: at.task }];
  return [
    { run: [at.sc, 'delete', SERVICE_NAME] },
    { run: [at.reg, 'delete', EVENT_SOURCE, '/f'] },
    { remove: at.program },
    { remove: at.source },
  ];
}
