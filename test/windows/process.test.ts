/** How the process behaves on Windows, as far as it shows elsewhere. */
import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import { signed } from '../../src/commands/print.ts';
import { askAccess } from '../../src/commands/windows-access.ts';
import { closeStateFolder, refuseForeignFolders } from '../../src/commands/windows-folders.ts';
import { parseYaml } from '../../src/config/parse-yaml.ts';
import { retryRename, retryRenameSync } from '../../src/core/retry-rename.ts';
import { systemClock } from '../../src/core/clock.ts';
import { stopGroup } from '../../src/host/process-group.ts';
import { isCommandShell, refuseScript } from '../../src/host/run-program.ts';
import { withHint } from '../../src/host/sqlite/driver.ts';
import { findWindowsHolder, lockFile } from '../../src/journal/windows-lock.ts';
import { distrustSddl } from '../../src/registry/windows-permissions.ts';
import { processSignals } from '../../src/process.ts';
import { controlEndpoint, makeControlKey } from '../../src/server/endpoint.ts';
import { fakeWindows } from '../support/fakes/windows.ts';
import { waitFor } from '../support/servers/real-server.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'healthd-windows-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

const failing = (code: string) => Object.assign(new Error(code), { code });

describe('signals', () => {
  test.each(['SIGINT', 'SIGBREAK', 'SIGHUP', 'SIGTERM'] as const)('W-019: %s stops on Windows', (signal) => {
    const emitter = new EventEmitter();
    const signals = processSignals(true, 'win32', emitter as never);
    const stop = signals.stop();
    signals.onReload(() => {
      throw new Error('reloads');
    });
    emitter.emit(signal, signal);
    expect(stop.aborted).toBe(true);
    expect(signals.asked()).toBe(signal);
  });

  test('W-019: a closing console leaves four seconds', () => {
    const within = (signal: 'SIGHUP' | 'SIGINT', platform: NodeJS.Platform) => {
      const emitter = new EventEmitter();
      const signals = processSignals(true, platform, emitter as never);
      signals.stop();
      emitter.emit(signal, signal);
      return signals.endsWithin();
    };
    expect([within('SIGHUP', 'win32'), within('SIGINT', 'win32'), within('SIGINT', 'linux')]).toEqual([
      ...[4000, undefined, undefined],
    ]);
  });

  test('SIGHUP reloads elsewhere', () => {
    const emitter = new EventEmitter();
    const signals = processSignals(true, 'linux', emitter as never);
    let reloads = 0;
    signals.onReload(() => (reloads += 1));
    emitter.emit('SIGHUP', 'SIGHUP');
    expect([reloads, signals.stop().aborted]).toEqual([1, false]);
  });
});

describe('W-003: the lock', () => {
  const busy = () => {
    throw failing('EBUSY');
  };
  const free = () => 999_999;

  test('a file that another process holds names it', async () => {
    writeFileSync(join(folder, 'lock.pid'), '4711\n');
    await expect(lockFile(folder, busy)).resolves.toEqual({ holder: '4711' });
    expect(findWindowsHolder(folder, busy)).toBe('4711');
  });

  test('somebody who only looks does not refuse it', async () => {
    let attempts = 0;
    const open = () => {
      attempts += 1;
      return attempts < 3 ? busy() : free();
    };
    await expect(lockFile(folder, open)).resolves.toHaveProperty('release');
    expect(readFileSync(join(folder, 'lock.pid'), 'utf8')).toBe(`${process.pid}\n`);
  });

  test('another error is no holder', async () => {
    const denied = () => {
      throw failing('ENOSPC');
    };
    await expect(lockFile(folder, denied)).rejects.toThrow('ENOSPC');
  });

  test('without a file nobody holds it', () => {
    expect(
      findWindowsHolder(folder, () => {
        throw failing('ENOENT');
      }),
    ).toBeUndefined();
  });
});

test('W-004: the name of the control pipe has a secret of the state directory, and no second spelling', () => {
  const before = controlEndpoint(folder, 'win32')?.path;
  makeControlKey(folder, 'win32');
  const after = controlEndpoint(folder, 'win32')?.path;
  expect(after).toMatch(/^\\\\\.\\pipe\\healthd-[0-9a-f]{32}$/);
  expect(after).not.toBe(before);
  makeControlKey(folder, 'win32');
  expect(controlEndpoint(folder, 'win32')?.path).toBe(after);
  expect(controlEndpoint('C:\\a\\..\\B\\', 'win32')?.path).toBe(controlEndpoint('c:\\b', 'win32')?.path);
});

describe('W-024: a rename', () => {
  const clock = { sleep: () => Promise.resolve() };

  test.each(['EPERM', 'EACCES', 'EBUSY'])('is tried again on Windows after %s', async (code) => {
    let attempts = 0;
    const rename = () => {
      attempts += 1;
      return attempts < 4 ? Promise.reject(failing(code)) : Promise.resolve('renamed');
    };
    await expect(retryRename(rename, 'win32', clock)).resolves.toBe('renamed');
  });

  test('of a command waits between its attempts', () => {
    const pauses: number[] = [];
    const fails = (code: string) => () => {
      throw failing(code);
    };
    const sleep = (ms: number) => pauses.push(ms);
    expect(() => retryRenameSync(fails('EACCES'), 'win32', sleep)).toThrow('EACCES');
    expect(pauses.reduce((sum, ms) => sum + ms)).toBe(1570);
    pauses.length = 0;
    expect(() => retryRenameSync(fails('EACCES'), 'linux', sleep)).toThrow('EACCES');
    expect(() => retryRenameSync(fails('ENOENT'), 'win32', sleep)).toThrow('ENOENT');
    expect(pauses).toEqual([]);
    let attempts = 0;
    const succeeds = () => {
      attempts += 1;
      return attempts < 3 ? fails('EPERM')() : 'renamed';
    };
    expect(retryRenameSync(succeeds, 'win32', sleep)).toBe('renamed');
  });

  test('fails in the end, and at once elsewhere or for another reason', async () => {
    let attempts = 0;
    const fails = (code: string) => () => {
      attempts += 1;
      return Promise.reject(failing(code));
    };
    await expect(retryRename(fails('EBUSY'), 'win32', clock)).rejects.toThrow('EBUSY');
    expect(attempts).toBe(7);
    await expect(retryRename(fails('EBUSY'), 'linux', clock)).rejects.toThrow('EBUSY');
    await expect(retryRename(fails('ENOENT'), 'win32', clock)).rejects.toThrow('ENOENT');
    expect(attempts).toBe(9);
  });
});

describe('a program that runs too long', () => {
  /** Strict, and ends the tree as taskkill.exe does; by a name with backslashes, since here those are letters. */
  const TASKKILL = `#!/bin/sh
echo "$@" >> "$0.log"
[ "$1 $2 $3" = "/T /F /PID" ] && [ $# = 4 ] || exit 1
end() { for child in $(cat /proc/$1/task/$1/children); do end $child; done; kill -9 $1; }
end "$4"
`;

  test('W-021: is ended with the programs that it has started', async () => {
    const taskkill = join(folder, 'windows\\System32\\taskkill.exe');
    writeFileSync(taskkill, TASKKILL, { mode: 0o755 });
    process.env['SystemRoot'] = join(folder, 'windows');
    const child = spawn('sh', ['-c', 'sh -c "echo \\$\\$; exec sleep 1000" & wait'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    const leaf = Number(line.toString());
    try {
      expect(existsSync(`/proc/${leaf}`)).toBe(true);
      await stopGroup(child, systemClock, 'win32');
      await waitFor(() => !existsSync(`/proc/${leaf}`), { what: 'The end of the program that it started' });
      expect(readFileSync(`${taskkill}.log`, 'utf8')).toBe(`/T /F /PID ${child.pid}\n`);
      expect(child.signalCode).toBe('SIGKILL');
    } finally {
      delete process.env['SystemRoot'];
      child.kill('SIGKILL');
      if (existsSync(`/proc/${leaf}`)) process.kill(leaf, 'SIGKILL');
    }
  });
});

test('W-022: a script is refused with what to write instead', () => {
  expect(() => {
    refuseScript('C:\\a\\check.BAT', 'win32');
  }).toThrow('write ["cmd", "/d", "/c", "C:\\a\\check.BAT"]');
  for (const [program, platform] of [
    ['check.exe', 'win32'],
    ['check.cmd', 'linux'],
  ] as const) {
    expect(() => {
      refuseScript(program, platform);
    }).not.toThrow();
  }
  expect(['cmd', 'CMD.EXE', 'C:\\Windows\\System32\\cmd.exe', 'mycmd', 'cmdx'].map(isCommandShell)).toEqual([
    ...[true, true, true, false, false],
  ]);
});

test('W-008: signs become letters in what Windows PowerShell reads from a pipe', () => {
  const text = '✓ cpu\n  ✗ mem: a ✓ b\n✓x';
  expect(signed(text, {}, 'win32')).toBe('ok cpu\n  !! mem: a ✓ b\n✓x');
  expect(signed(text, { isTTY: true }, 'win32')).toBe(text);
  expect(signed(text, {}, 'linux')).toBe(text);
});

test('W-005: a missing runtime of Visual C++ is named', () => {
  const cause = Object.assign(new Error('The specified module could not be found'), { code: 'ERR_DLOPEN_FAILED' });
  expect((withHint(cause, 'win32') as Error).message).toContain('VCRUNTIME140.dll');
  expect(withHint(cause, 'linux')).toBe(cause);
});

test('W-007: a path of Windows in double quotes has a hint', () => {
  expect(() => parseYaml('a.yaml', 'agent: { state_dir: "C:\\healthd" }')).toThrow('single quotes');
});

describe('W-002: access lists', () => {
  const CLOSED = 'O:BAG:SYD:PAI(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)';

  test.each([
    ['closed', CLOSED, undefined],
    ['readable for users', `${CLOSED}(A;OICI;0x1200a9;;;BU)(A;OICI;FRFX;;;BU)`, undefined],
    ['of a service', 'O:S-1-5-80-956008885-3418522649G:SYD:(A;;FA;;;S-1-5-80-1-2)', undefined],
    ['rights that only what is made inside gets', `${CLOSED}(A;OICIIO;GA;;;CO)`, undefined],
    ['a refusal', `${CLOSED}(D;;FA;;;BU)`, undefined],
    [
      'as in ProgramData',
      `O:SYG:SYD:AI(A;OICIID;FA;;;SY)(A;OICIID;0x1200a9;;;BU)(A;CIID;0x116;;;BU)`,
      'can be written by BU',
    ],
    ['letters', `${CLOSED}(A;;FRFW;;;AU)`, 'can be written by AU'],
    ['a right with no known name', `${CLOSED}(A;;ZZ;;;AU)`, 'can be written by AU'],
    ['of a user', 'O:S-1-5-21-1-2-3-1001G:SYD:PAI(A;;FA;;;SY)', 'is owned by S-1-5-21-1-2-3-1001'],
    ['without a list', 'O:BAG:SY', 'has no access list'],
    ['no SDDL', '', 'has no readable owner'],
  ])('%s', (_name, sddl, reason) => {
    expect(distrustSddl(sddl, false)).toBe(reason);
  });

  test('in a folder above others may make entries, but not replace them', () => {
    expect(distrustSddl(`${CLOSED}(A;;LCDC;;;AU)`, true)).toBeUndefined();
    expect(distrustSddl(`${CLOSED}(A;;0x40;;;AU)`, true)).toBe('can be written by AU');
    expect(distrustSddl(`${CLOSED}(A;;WD;;;AU)`, true)).toBe('can be written by AU');
  });

  describe('of the state directory', () => {
    const closing = (sddl: string, run: (command: readonly string[]) => Promise<string>, elevated = true) =>
      closeStateFolder(
        join(folder, 'a/state'),
        { SystemRoot: 'C:\\Windows' },
        {
          run,
          access: (paths) =>
            Promise.resolve({ elevated, sddl: paths.map((path) => (path.endsWith('state') ? sddl : CLOSED)) }),
        },
      );

    test('a new one is closed, from the first folder that was made', async () => {
      const ran: (readonly string[])[] = [];
      await closing('', (command) => Promise.resolve(`${ran.push(command)}`));
      expect(ran).toEqual([
        [
          ...['C:\\Windows\\System32\\icacls.exe', join(folder, 'a'), '/inheritance:r', '/grant:r'],
          ...['*S-1-5-18:(OI)(CI)F', '*S-1-5-32-544:(OI)(CI)F', '*S-1-3-4:(OI)(CI)F'],
        ],
      ]);
      expect(existsSync(join(folder, 'a/state'))).toBe(true);
    });

    test('one that cannot be closed is not used', async () => {
      await expect(closing('', () => Promise.reject(new Error('no access lists')))).rejects.toThrow(
        'cannot be closed to other users',
      );
    });

    test('an administrator refuses one that others can write', async () => {
      mkdirSync(join(folder, 'a/state'), { recursive: true });
      const never = () => Promise.reject(new Error('nothing is changed'));
      await expect(closing(`${CLOSED}(A;OICI;0x1301bf;;;AU)`, never)).rejects.toThrow('can be written by AU');
      await expect(
        closing(`${CLOSED}(A;OICI;FA;;;OW)(A;OICI;0x1301bf;;;S-1-5-80-1-2)`, never),
      ).resolves.toBeUndefined();
      await expect(closing(`${CLOSED}(A;OICI;0x1301bf;;;AU)`, never, false)).resolves.toBeUndefined();
    });
  });

  test('an administrator refuses a configuration that others could have written', async () => {
    const ask = (name: string, environment = {}, fault = '') =>
      refuseForeignFolders({ path: join(folder, name), cwd: folder, environment }, (paths) =>
        askAccess(
          paths,
          fakeWindows(() => fault),
        ),
      );
    for (const name of ['own', 'foreign']) {
      mkdirSync(join(folder, name));
      writeFileSync(join(folder, name, 'healthd.yaml'), '{}');
    }
    await expect(ask('own/healthd.yaml')).resolves.toBeUndefined();
    await expect(ask('foreign/healthd.yaml')).rejects.toThrow('can be written by BU; run: icacls');
    await expect(ask('foreign/healthd.yaml', { HEALTHD_CONFIG_OWNER: 'anybody' })).resolves.toBeUndefined();
    await expect(ask('own/healthd.yaml', {}, 'exit')).rejects.toThrow('Windows does not say who may write');
    mkdirSync(join(folder, 'own/conf.d'));
    writeFileSync(join(folder, 'own/conf.d/foreign.yaml'), '{}');
    await expect(ask('own/healthd.yaml')).rejects.toThrow('foreign.yaml');
  });
});
