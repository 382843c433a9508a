/** Where the parts of the service are on Windows. */
import { win32 } from 'node:path';

import { SERVICE_NAME } from '../../../service/windows/account.ts';

import type { Terminal } from '../../command.ts';

export type Places = ReturnType<typeof placesOf>;

/** By their paths, since programs of these names elsewhere in PATH could be anybody's. */
export function placesOf(environment: Terminal['environment']) {
  const { SystemRoot = 'C:\\Windows', ProgramFiles = 'C:\\Program Files', ProgramData = 'C:\\ProgramData' } = environment; // prettier-ignore
  const system = (name: string) => win32.join(SystemRoot, 'System32', name);
  const folder = win32.join(ProgramFiles, SERVICE_NAME);
  return {
    folder,
    data: win32.join(ProgramData, SERVICE_NAME),
    program: win32.join(folder, `${SERVICE_NAME}-service.exe`),
    source: win32.join(folder, `${SERVICE_NAME}-service.cs`),
    task: win32.join(folder, `${SERVICE_NAME}-task.xml`),
    compiler: win32.join(SystemRoot, 'Microsoft.NET', 'Framework64', 'v4.0.30319', 'csc.exe'),
    messages: win32.join(SystemRoot, 'Microsoft.NET', 'Framework64', 'v4.0.30319', 'EventLogMessages.dll'),
    ...{ sc: system('sc.exe'), net: system('net.exe'), reg: system('reg.exe') },
    ...{ icacls: system('icacls.exe'), schtasks: system('schtasks.exe') },
  };
}
