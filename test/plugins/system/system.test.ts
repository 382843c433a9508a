import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { endianness, loadavg, machine, release, tmpdir, uptime } from 'node:os';
import { join } from 'node:path';

import { expect, test } from '@jest/globals';

import { chassisType } from '../../../src/plugins/system/dmi.ts';
import { system } from '../../../src/plugins/system/index.ts';
import { formatUptime } from '../../../src/plugins/system/load.ts';
import { describePlatform, parseOsRelease } from '../../../src/plugins/system/os.ts';
import { countUsers, utmpRecordSize } from '../../../src/plugins/system/users.ts';
import { manualClock, testInput } from '../../../src/testing.ts';
import { goldenFolders } from '../../support/golden/golden.ts';
import { tree } from '../../support/kit/tree.ts';

goldenFolders(system);

test('C-025: without utmp, sessions of people are counted from systemd', async () => {
  const session = (user: string, kind: string, state = 'active') =>
    `# This is private data. Do not parse.\nUID=1000\nUSER=${user}\nACTIVE=1\nSTATE=${state}\nTYPE=tty\nCLASS=${kind}\n`;
  const run = tree({
    'systemd/sessions/1': session('alice', 'user'),
    'systemd/sessions/c2': session('alice', 'user', 'online'),
    'systemd/sessions/3': session('root', 'user-early'),
    'systemd/sessions/4': session('bob', 'user', 'closing'),
    'systemd/sessions/5': session('gdm', 'greeter'),
    'systemd/sessions/6': session('cron', 'background'),
    'systemd/sessions/7': session('alice', 'manager'),
    'systemd/sessions/8': 'nonsense',
  });
  // Opening it would wait for a writer.
  execFileSync('mkfifo', [join(run.root, 'systemd/sessions/1.ref')]);
  const input = await testInput(
    system,
    { provider: 'native', include: ['users'] },
    { environment: { HOST_RUN: run.root } },
  );
  const { metrics, errors } = await input.gather();
  await input.stop();
  run.remove();
  expect(errors).toEqual([]);
  expect(metrics[0]?.fields).toEqual({ n_users: 3n, n_unique_users: 2n });
});

test('matches nproc, and uptime and load averages of Node', async () => {
  const input = await testInput(system, { provider: 'native' });
  const { metrics, errors } = await input.gather();
  expect(errors).toEqual([]);
  const { fields } = metrics[0]!;
  expect(fields['n_cpus']).toBe(BigInt(execFileSync('nproc', ['--all'], { encoding: 'utf8' }).trim()));
  expect(Math.abs(Number(fields['uptime']) - uptime())).toBeLessThan(2);
  expect(fields['uptime_format']).toBe(formatUptime(Number(fields['uptime'])));
  expect(Math.abs(Number(fields['load15']) - loadavg()[2]!)).toBeLessThan(0.2);
  await input.stop();
});

test('the portable provider agrees with the native one', async () => {
  const include = ['legacy', 'os'] as const;
  const native = await testInput(system, { include: [...include], provider: 'native' });
  const portable = await testInput(system, { include: [...include], provider: 'portable' });
  const [a, b] = [await native.gather(), await portable.gather()].map(({ metrics }) => metrics[0]!.fields);
  for (const field of ['n_cpus', 'n_physical_cpus', 'os', 'arch', 'kernel_version', 'platform_version']) {
    expect(b![field]).toEqual(a![field]);
  }
  expect(Math.abs(Number(a!['uptime']) - Number(b!['uptime']))).toBeLessThan(5);
  await Promise.all([native.stop(), portable.stop()]);
});

test.each([
  [0, ' 0:00'],
  [59, ' 0:00'],
  [11_100, ' 3:05'],
  [86_399, '23:59'],
  [86_400, '1 day,  0:00'],
  [86_400 + 3 * 3600 + 5 * 60, '1 day,  3:05'],
  [1_249_632, '14 days, 11:07'],
])('an uptime of %d s is formatted as "%s"', (seconds, text) => {
  expect(formatUptime(seconds)).toBe(text);
});

test('counts logins in records of either size and byte order, ignoring an incomplete record', () => {
  const logins = [
    [7, 'ann'],
    [8, 'dead'],
    [7, 'bob'],
    [7, 'ann'],
    [7, 'x'.repeat(32)],
    [2, 'reboot'],
  ] as const;
  for (const size of [384, 400]) {
    for (const little of [true, false]) {
      const file = Buffer.concat([
        ...logins.map(([type, user]) => utmpRecord(type, user, size, little)),
        Buffer.alloc(100, 7),
      ]);
      expect(countUsers(file, size, little)).toEqual({ n_users: 4, n_unique_users: 3 });
    }
  }
  expect([utmpRecordSize('x64'), utmpRecordSize('arm64')]).toEqual([384, 400]);
});

test('os and dmi are read from the monitored host and cached for their TTL', async () => {
  const root = mkdtempSync(join(tmpdir(), 'healthd-system-'));
  const write = (path: string, content: string | Buffer) => {
    mkdirSync(join(root, path, '..'), { recursive: true });
    writeFileSync(join(root, path), content);
  };
  write('etc/os-release', 'ID="rocky"\nID_LIKE="rhel centos fedora"\nVERSION_ID="9.4"\n');
  write('proc/sys/kernel/osrelease', '5.14.0-427.el9.x86_64\n');
  write('run/utmp', utmpRecord(7, 'ann', utmpRecordSize(process.arch), endianness() === 'LE'));
  const clock = manualClock();
  const input = await testInput(
    system,
    { include: ['os', 'users'], os_cache_ttl: '1h' },
    {
      clock,
      platform: 'linux',
      environment: { HOST_ETC: join(root, 'etc'), HOST_PROC: join(root, 'proc'), HOST_RUN: join(root, 'run') },
    },
  );
  const first = await input.gather();
  expect(first.errors).toEqual([]);
  expect(first.metrics[0]!.fields).toEqual({
    n_users: 1n,
    n_unique_users: 1n,
    os: 'linux',
    arch: machine(),
    kernel_version: '5.14.0-427.el9.x86_64',
    platform: 'rocky',
    platform_family: 'rhel',
    platform_version: '9.4',
  });
  write('etc/os-release', 'ID=rocky\nVERSION_ID="9.5"\n');
  clock.advance(3_599_999);
  expect((await input.gather()).metrics[0]!.fields['platform_version']).toBe('9.4');
  clock.advance(1);
  expect((await input.gather()).metrics[0]!.fields['platform_version']).toBe('9.5');
  rmSync(join(root, 'etc'), { recursive: true });
  clock.advance(3_600_000);
  const last = await input.gather();
  expect(last.errors.map(({ message }) => message)).toEqual([expect.stringContaining('Cannot read the fields of os')]);
  expect(last.metrics[0]!.fields).toEqual({ n_users: 1n, n_unique_users: 1n });
  await input.stop();
  rmSync(root, { recursive: true });
});

test('the kernel release matches Node', async () => {
  const input = await testInput(system, { include: ['os'] });
  expect((await input.gather()).metrics[0]!.fields).toMatchObject({ os: 'linux', kernel_version: release() });
  await input.stop();
});

test('os-release is parsed like a shell would', () => {
  const text = `# comment\nID=debian\nNAME='Single "quoted"'\nPRETTY_NAME="A \\"B\\" \\$C"\nEMPTY=\nbroken\n VERSION_ID="12" \n`;
  expect(Object.fromEntries(parseOsRelease(text))).toEqual({
    ID: 'debian',
    NAME: 'Single "quoted"',
    PRETTY_NAME: 'A "B" $C',
    VERSION_ID: '12',
  });
});

test.each([
  ['ID=ubuntu\nID_LIKE=debian', 'debian'],
  ['ID=fedora', 'fedora'],
  ['ID=nobara\nID_LIKE="rhel fedora"', 'rhel'],
  ['ID=alpine', 'alpine'],
  ['ID=constructor', 'constructor'],
  ['', undefined],
])('the family of %j is %s', (text, family) => {
  expect(describePlatform(text).platform_family).toBe(family);
});

test('chassis types have the names of the SMBIOS specification', () => {
  expect([chassisType('3'), chassisType('23'), chassisType('36'), chassisType('0'), chassisType('x')]).toEqual([
    'Desktop',
    'Rack mount chassis',
    'Stick PC',
    undefined,
    undefined,
  ]);
});

/** One record of utmp(5): the type, and the user name after pid, line and id. */
function utmpRecord(type: number, user: string, size: number, littleEndian: boolean): Buffer {
  const record = Buffer.alloc(size);
  if (littleEndian) record.writeInt16LE(type, 0);
  else record.writeInt16BE(type, 0);
  record.write(user, 44, 32, 'latin1');
  return record;
}
