/** `healthd service` on Windows, by what it would do. */
import { describe, expect, test } from '@jest/globals';

import type { AccessLists } from '../../src/commands/windows-access.ts';
import { carryOut, stepText } from '../../src/commands/service/steps.ts';
import { WindowsServices, type WindowsSystem } from '../../src/commands/service/windows/manager.ts';
import { serviceSid } from '../../src/service/windows/account.ts';
import { commandLine } from '../../src/service/windows/command.ts';
import { parseTask, taskDefinition } from '../../src/service/windows/task.ts';
import { winswConfiguration } from '../../src/service/windows/winsw.ts';

const NODE = 'C:\\Program Files\\nodejs\\node.exe';
const SCRIPT = 'C:\\Program Files\\healthd\\node_modules\\healthd\\dist\\cli.js';
const PROGRAM = 'C:\\Program Files\\healthd\\healthd-service.exe';
const DATA = 'C:\\ProgramData\\healthd';
const SID = serviceSid('healthd');
const CLOSED = 'O:BAG:SYD:PAI(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)';
const terminal = { cwd: 'C:\\work', environment: {} } as never;
const SERVICE = { watchesDocker: false, task: false };

type Answers = Readonly<Record<string, string | number>>;

/** A program that is not named exits with code 1; a number is an exit code. Rights: of paths that have the text. */
function system(answers: Answers = { 'sc.exe query': 1060 }, rights: Readonly<Record<string, string>> = {}) {
  const ran: string[] = [];
  const one: WindowsSystem = {
    run: (command) => {
      const line = commandLine([command[0].replace(/^.*\\/, ''), ...command.slice(1)]);
      ran.push(line);
      const answer = Object.entries(answers).find(([begin]) => line.startsWith(begin))?.[1] ?? 1;
      return typeof answer === 'string'
        ? Promise.resolve(answer)
        : Promise.reject(new Error(`${line} failed`, { cause: { code: answer } }));
    },
    access: (paths): Promise<AccessLists> =>
      Promise.resolve({
        elevated: rights['elevated'] === undefined,
        sddl: paths.map((path) => Object.entries(rights).find(([text]) => path.includes(text))?.[1] ?? CLOSED),
      }),
    exists: () => Promise.resolve(true),
    program: () => [NODE, SCRIPT],
    stateDirectory: () => Promise.resolve(`${DATA}\\state`),
  };
  return { ran, one };
}

const services = (one: WindowsSystem) => new WindowsServices({}, false, one);

async function installing(one: WindowsSystem, options: object = {}): Promise<readonly string[]> {
  const steps = await services(one).install({ ...SERVICE, ...options }, terminal);
  return steps.map((step) => stepText(step, 'win32').replaceAll('C:\\Windows\\System32\\', ''));
}

const RUNS = { 'sc.exe query': 'STATE : 4  RUNNING', 'sc.exe qc': `BINARY_PATH_NAME : "${PROGRAM}"` };

describe('the service', () => {
  test('W-025: is compiled, created with an account of its own, restarted after a crash, and started', async () => {
    const steps = await installing(system().one);
    expect(steps.filter((step) => !step.startsWith('rem write'))).toEqual([
      'mkdir "C:\\Program Files\\healthd"',
      `mkdir ${DATA}`,
      `icacls.exe ${DATA} /inheritance:r /grant:r *S-1-5-18:(OI)(CI)F *S-1-5-32-544:(OI)(CI)F *${SID}:(OI)(CI)RX`,
      'rem refuse folders and a configuration that others could have written',
      `mkdir ${DATA}\\state`,
      `icacls.exe ${DATA}\\state /grant:r *${SID}:(OI)(CI)M`,
      `C:\\Windows\\Microsoft.NET\\Framework64\\v4.0.30319\\csc.exe /nologo /target:exe /platform:anycpu /optimize+ /langversion:5 /reference:System.ServiceProcess.dll "/out:${PROGRAM}" "C:\\Program Files\\healthd\\healthd-service.cs"`,
      'reg.exe add HKLM\\SYSTEM\\CurrentControlSet\\Services\\EventLog\\Application\\healthd /v EventMessageFile /t REG_EXPAND_SZ /d C:\\Windows\\Microsoft.NET\\Framework64\\v4.0.30319\\EventLogMessages.dll /f',
      'reg.exe add HKLM\\SYSTEM\\CurrentControlSet\\Services\\EventLog\\Application\\healthd /v TypesSupported /t REG_DWORD /d 7 /f',
      `sc.exe create healthd binPath= "\\"${PROGRAM}\\"" start= delayed-auto obj= "NT SERVICE\\healthd" DisplayName= healthd`,
      'sc.exe description healthd "Health monitoring and alerting"',
      'sc.exe failure healthd reset= 3600 actions= restart/5000/restart/30000/restart/60000',
      'net.exe start healthd',
    ]);
    expect(steps.join('\n')).toContain(`rem     const string Node = @"${NODE}";`);
  });

  test('an installed one is stopped, and gets the new program', async () => {
    const steps = await installing(system(RUNS).one);
    expect(steps[0]).toBe('net.exe stop healthd');
    expect(steps.find((step) => step.startsWith('sc.exe c'))).toMatch(/^sc\.exe config healthd binPath= /);
  });

  test('W-002: a state directory and a configuration elsewhere are closed and opened for the account', async () => {
    const { one } = system();
    const elsewhere = { ...one, stateDirectory: () => Promise.resolve('D:\\state') };
    const steps = await installing(elsewhere, { config: 'E:\\a b\\healthd.yaml' });
    expect(steps).toContain(`icacls.exe "E:\\a b\\healthd.yaml" /grant:r *${SID}:R`);
    expect(steps).toContain(
      `icacls.exe D:\\state /inheritance:r /grant:r *S-1-5-18:(OI)(CI)F *S-1-5-32-544:(OI)(CI)F *${SID}:(OI)(CI)M`,
    );
    expect(steps.join('\n')).toContain(`run --config ""E:\\a b\\healthd.yaml""";`);
  });

  test('W-002: a folder of ProgramData that somebody else owns ends the installation', async () => {
    const { one } = system(undefined, { 'ProgramData\\healthd': 'O:S-1-5-21-1-2-3-1001G:SYD:(A;;FA;;;BA)' });
    const steps = await services(one).install(SERVICE, terminal);
    const checks = steps.filter((step) => 'check' in step);
    expect(checks).toHaveLength(1);
    await expect(carryOut(checks)).rejects.toThrow(
      'Refusing C:\\ProgramData\\healthd: healthd runs as an administrator, and it is owned by S-1-5-21-1-2-3-1001; run: icacls',
    );
  });

  test('a program that a user can write, or a user without rights, is refused before anything is done', async () => {
    const roaming = system(undefined, { node_modules: `${CLOSED}(A;OICI;FA;;;S-1-5-21-1-2-3-1001)` });
    await expect(installing(roaming.one)).rejects.toThrow(
      /^The service would run C:\\.*cli\.js, which can be written by S-1-5-21-.* install Node and healthd for all users/,
    );
    await expect(installing(system(undefined, { elevated: 'no' }).one)).rejects.toThrow('Run as administrator');
    expect(roaming.ran).toEqual([]);
  });

  test('a service of somebody else, and a missing compiler, are refused with what to do', async () => {
    const foreign = system({ ...RUNS, 'sc.exe qc': 'BINARY_PATH_NAME : C:\\winsw\\healthd.exe' });
    await expect(installing(foreign.one)).rejects.toThrow('A service named healthd is there that healthd has not');
    const { one } = system();
    const bare = { ...one, exists: (path: string) => Promise.resolve(!path.endsWith('csc.exe')) };
    await expect(installing(bare)).rejects.toThrow('use WinSW (--winsw), or a task (--task)');
    await expect(installing({ ...one, exists: () => Promise.resolve(false) }, { config: 'x.yaml' })).rejects.toThrow(
      'The configuration C:\\work\\x.yaml does not exist; write one with: healthd init',
    );
  });

  test('an error of sc.exe is not "not installed"', async () => {
    await expect(installing(system({ 'sc.exe query': 5 }).one)).rejects.toThrow('sc.exe query healthd failed');
  });

  test('it is started, stopped, shown and removed', async () => {
    const manager = services(system(RUNS).one);
    const texts = async (steps: ReturnType<typeof manager.start>) =>
      (await steps).map((step) => stepText(step, 'win32').replace('C:\\Windows\\System32\\', ''));
    expect(await texts(manager.start())).toEqual(['net.exe start healthd']);
    expect(await texts(manager.stop())).toEqual(['net.exe stop healthd']);
    expect(await manager.status()).toEqual({
      text: expect.stringContaining('Runs: yes\nAccount: NT SERVICE\\healthd'),
      isRunning: true,
    });
    expect(await texts(manager.uninstall())).toEqual([
      'net.exe stop healthd',
      'sc.exe delete healthd',
      'reg.exe delete HKLM\\SYSTEM\\CurrentControlSet\\Services\\EventLog\\Application\\healthd /f',
      `del "${PROGRAM}"`,
      'del "C:\\Program Files\\healthd\\healthd-service.cs"',
    ]);
    const ended = services(system({ ...RUNS, 'sc.exe query': 'STATE : 1  STOPPED' }).one);
    expect(await ended.stop()).toEqual([]);
    expect((await ended.status()).isRunning).toBe(false);
    const none = services(system().one);
    await expect(none.start()).rejects.toThrow('The service is not installed');
    expect((await none.status()).isRunning).toBe(false);
  });
});

describe('a task', () => {
  const service = { command: [NODE, SCRIPT], config: 'D:\\a & "b".yaml' } as const;

  test('runs at each start without a limit, as a local service', async () => {
    const steps = await installing(system().one, { task: true });
    expect(steps.at(-3)).toContain('<UserId>S-1-5-19</UserId>');
    expect(steps.at(-3)).toContain('<ExecutionTimeLimit>PT0S</ExecutionTimeLimit>');
    expect(steps.slice(-2)).toEqual([
      'schtasks.exe /create /tn healthd /xml "C:\\Program Files\\healthd\\healthd-task.xml" /f',
      'schtasks.exe /run /tn healthd',
    ]);
    expect(steps.join('\n')).toContain(`${DATA}\\state /grant:r *S-1-5-19:(OI)(CI)M`);
  });

  test('is known by its mark, and stopped by its configuration', async () => {
    const xml = taskDefinition(service);
    expect(parseTask(xml)).toEqual({ config: service.config });
    expect(parseTask(taskDefinition({ command: service.command }))).toEqual({ config: undefined });
    expect(parseTask(xml.replace('<Source>', '<Source>x'))).toBeUndefined();
    const answers = { 'sc.exe query': 1060, 'schtasks.exe /query': xml, 'node.exe': '' };
    const { one } = system(answers);
    expect(await services(one).stop()).toEqual([{ run: [NODE, SCRIPT, 'stop', '--config', service.config] }]);
    expect(await services(one).status()).toEqual({ text: 'Task healthd\nRuns: yes', isRunning: true });
    expect(await services(one).uninstall()).toHaveLength(3);
    // An agent that does not run is not asked to stop.
    expect(await services(system({ ...answers, 'node.exe': 3 }).one).uninstall()).toHaveLength(2);
    await expect(installing(one)).rejects.toThrow('healthd is installed as a task; remove it first');
    const foreign = system({ ...answers, 'schtasks.exe /query': '<Task/>' });
    await expect(installing(foreign.one, { task: true })).rejects.toThrow('A task named healthd is there');
  });
});

test('for WinSW only its configuration is written', async () => {
  const { ran, one } = system();
  const steps = await services(one).install({ ...SERVICE, winsw: 'C:\\winsw\\healthd.EXE' }, terminal);
  expect(steps).toEqual([
    { write: 'C:\\winsw\\healthd.xml', text: winswConfiguration({ command: [NODE, SCRIPT], config: undefined }) },
  ]);
  expect(ran).toEqual([]);
  const text = winswConfiguration({ command: [NODE, SCRIPT], config: 'D:\\<a>&.yaml' });
  expect(text).toContain(`<startarguments>&quot;${SCRIPT}&quot; run --config D:\\&lt;a&gt;&amp;.yaml</startarguments>`);
});

test('the identifier of a service is the one that Windows derives', () => {
  expect(serviceSid('TrustedInstaller').split('-').slice(3).map(Number)).toEqual([
    ...[80, 956008885, 3418522649, 1831038044, 1853292631, 2271478464],
  ]);
  expect(serviceSid('trustedinstaller')).toBe(serviceSid('TrustedInstaller'));
});

test('a command line is taken apart as it was put together', () => {
  expect(commandLine(['a', 'b c', 'd"e', 'f\\', 'g h\\', 'i\\"j', ''])).toBe(
    'a "b c" "d\\"e" f\\ "g h\\\\" "i\\\\\\"j" ""',
  );
});
