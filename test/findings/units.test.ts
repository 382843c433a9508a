import { expect, test } from '@jest/globals';

import { failedUnits, parseUnits } from '../../src/findings/checks/units.ts';
import type { Command, RunProgram } from '../../src/plugin/program.ts';

import { textOf } from './text.ts';

const LIST = `nginx.service  loaded failed failed A high performance web server
● backup.service loaded failed failed Nightly backup
systemd-fsck@dev-disk-by\\x2duuid.service loaded failed failed File System Check
`;

const SHOW = `Id=nginx.service
Result=exit-code
NRestarts=2
ExecMainStatus=1
StateChangeTimestampMonotonic=5000000

Id=backup.service
Result=timeout
NRestarts=0
ExecMainStatus=0
StateChangeTimestampMonotonic=0
`;

function systemd(
  list: string,
  show: string,
  log: (unit: string) => string,
): RunProgram & { readonly commands: Command[] } {
  const commands: Command[] = [];
  const run: RunProgram = (command) => {
    commands.push(command);
    const [program, second = ''] = command;
    const text = program === 'journalctl' ? log(second) : second === 'show' ? show : list;
    return Promise.resolve({ failure: undefined, code: 0, stdout: Buffer.from(text), stderr: Buffer.alloc(0) });
  };
  return Object.assign(run, { commands });
}

test('units that failed, with their last log line', async () => {
  const run = systemd(LIST, SHOW, (unit) => (unit === '--unit=nginx.service' ? 'bind() to 0.0.0.0:443 failed\n' : ''));
  const found = await failedUnits(run, 1_700_000_000_000, new AbortController().signal);
  expect(found.map(textOf)).toEqual([
    'warning: **nginx.service** failed 3 times and does not run. (bind() to 0.0.0.0:443 failed · exit code 1)',
    'warning: **backup.service** failed and does not run. (timeout)',
  ]);
  expect(found.map(({ since }) => since)).toEqual([1_700_000_005_000, null]);
});

test('without failed units one program is started', async () => {
  const run = systemd('', '', () => '');
  expect(await failedUnits(run, 0, new AbortController().signal)).toEqual([]);
  expect(run.commands).toHaveLength(1);
});

test('names of units', () => {
  expect(parseUnits(LIST)).toEqual(['nginx.service', 'backup.service', 'systemd-fsck@dev-disk-by\\x2duuid.service']);
  expect(parseUnits('-x.service loaded failed\nno unit\n\n')).toEqual([]);
});

test('a systemctl that does not reach systemd is an error', async () => {
  const run: RunProgram = () =>
    Promise.resolve({ failure: 'exited with code 1', code: 1, stdout: Buffer.alloc(0), stderr: Buffer.from('no bus') });
  await expect(failedUnits(run, 0, new AbortController().signal)).rejects.toThrow(
    'systemctl exited with code 1: no bus',
  );
});
