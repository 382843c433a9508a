import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterEach, beforeEach, expect, test } from '@jest/globals';

import { exec } from '../../../src/plugins/exec/index.ts';
import { formatLine } from '../../../src/plugin/index.ts';
import { silentLog, testContext, testInput } from '../../../src/testing.ts';
import type { TestSettings } from '../../../src/testing.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'healthd-exec-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

type Options = Parameters<typeof testInput<typeof exec.config, typeof exec.metrics>>[1];

const sh = (script: string): [string, string, string] => ['/bin/sh', '-c', script];

async function gather(options: Options, settings?: TestSettings) {
  const input = await testInput(exec, options, settings);
  const { metrics, errors } = await input.gather(1n);
  await input.stop();
  return { lines: metrics.map(formatLine), errors: errors.map(({ message }) => message) };
}

/** Starts a gather that the test can observe and abort. */
async function start(options: Options) {
  const context = testContext();
  const input = await exec.create(exec.config.parse(options), context);
  if (!('gather' in input)) throw new Error('exec is not a stream input');
  const names: string[] = [];
  const errors: string[] = [];
  const acc = {
    add: (name: string) => names.push(name),
    error: (error: unknown) => errors.push((error as Error).message),
  };
  const abort = new AbortController();
  const gathering = Promise.resolve(input.gather(acc, abort.signal));
  return {
    names,
    errors,
    gathering,
    stop: async () => {
      await input.stop?.();
      context.close();
    },
    /** Aborts as the host does at the deadline. */
    expire: () => {
      abort.abort(new DOMException('The gather did not end within 10s', 'TimeoutError'));
    },
    /** Aborts as the host does when the agent stops. */
    abort: () => {
      abort.abort(new DOMException('The agent stops', 'AbortError'));
    },
  };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // A zombie answers too, but has exited.
    return !/^State:\s*Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

async function until(condition: () => boolean): Promise<void> {
  const started = performance.now();
  while (!condition()) {
    if (performance.now() - started > 5000) throw new Error('The condition was not met within 5 s');
    await sleep(10);
  }
}

const pidIn = (name: string) => Number(readFileSync(join(folder, name), 'utf8'));

test('line protocol keeps its types, tags and time', async () => {
  const { lines, errors } = await gather({
    commands: [sh('echo "backup,job=db age=12i,ratio=0.5,ok=true,note=\\"a b\\" 1700000000000000000"; echo "now v=1"')],
  });
  expect(errors).toEqual([]);
  expect(lines).toEqual([
    'backup,host=test,job=db age=12i,ratio=0.5,ok=true,note="a b" 1700000000000000000',
    'now,host=test v=1 1',
  ]);
});

test('valid lines are kept, invalid ones are reported', async () => {
  const { lines, errors } = await gather({
    commands: [sh('echo "a v=1"; echo "not a metric"; echo "b v=2i"; echo "c v="')],
  });
  expect(lines).toEqual(['a,host=test v=1 1', 'b,host=test v=2i 1']);
  expect(errors).toHaveLength(1);
  expect(errors[0]).toMatch(/^\/bin\/sh wrote 2 invalid metrics; first error: line 2, column \d+: ./);
});

test('JSON is flattened according to the options', async () => {
  const document = [
    { a: 1, nested: { b: [1.5, { c: -2 }], s: 'dropped', t: true }, kind: 'x', text: 'kept', none: null, name: 'm' },
    7,
    { only: 'strings' },
    { a: 2, id: 42 },
  ];
  writeFileSync(join(folder, 'out.json'), JSON.stringify(document));
  const { lines, errors } = await gather({
    commands: [['cat', join(folder, 'out.json')]],
    data_format: 'json',
    name: 'thing',
    json_tag_keys: ['kind', 'i*'],
    json_string_fields: ['text', 'nested_t'],
    json_name_key: 'name',
  });
  expect(lines).toEqual([
    'm,host=test,kind=x a=1,nested_b_0=1.5,nested_b_1_c=-2,nested_t=true,text="kept" 1',
    'thing,host=test,id=42 a=2 1',
  ]);
  expect(errors).toEqual(['cat wrote 1 invalid metrics; first error: item 1: expected an object']);
});

test('invalid JSON is an error', async () => {
  const { lines, errors } = await gather({ commands: [['echo', '{"a": 1']], data_format: 'json' });
  expect(lines).toEqual([]);
  expect(errors[0]).toMatch(/^echo wrote 1 invalid metrics; first error: not JSON: ./);
  expect(await gather({ commands: [['true']], data_format: 'json' })).toEqual({ lines: [], errors: [] });
});

test('a failure is reported with the first line of stderr; ignore_error uses the output', async () => {
  const script = sh(`echo "a v=1"; echo "no such queue: ${'x'.repeat(600)}" >&2; echo second >&2; exit 3`);
  const failed = await gather({ commands: [script] });
  expect(failed.lines).toEqual([]);
  expect(failed.errors).toHaveLength(1);
  expect(failed.errors[0]).toMatch(/^\/bin\/sh exited with code 3: no such queue: x+…$/);
  expect(Buffer.byteLength(failed.errors[0]!)).toBeLessThan(600);
  expect(await gather({ commands: [script], ignore_error: true })).toEqual({
    lines: ['a,host=test v=1 1'],
    errors: [],
  });
  expect((await gather({ commands: [sh('kill -SEGV $$')] })).errors).toEqual(['/bin/sh was ended by SIGSEGV']);
});

test('a command that cannot run does not affect the others, and arguments stay secret', async () => {
  const { lines, errors } = await gather({
    commands: [['/nowhere/check', '--password=hunter2'], ['echo', 'a v=1'], [join(folder, '*.none')]],
  });
  expect(lines).toEqual(['a,host=test v=1 1']);
  expect(errors.sort()).toEqual([`Cannot expand ${folder}/*.none`, 'Cannot run /nowhere/check']);
  expect(JSON.stringify(errors)).not.toContain('hunter2');
});

test('at the deadline a hanging program is stopped with all its children, even those that ignore SIGTERM', async () => {
  const grandchild = `trap "" TERM; echo $$ > ${folder}/grandchild; while :; do sleep 0.1; done`;
  const script = sh(`echo $$ > ${folder}/child; /bin/sh -c '${grandchild}' & echo "a v=1"; wait`);
  const { names, errors, gathering, expire } = await start({ commands: [script, ['echo', 'b v=1']] });
  // Metrics of the other programs do not wait for it.
  await until(() => names.length > 0 && existsSync(join(folder, 'grandchild')) && pidIn('grandchild') > 0);
  const expired = performance.now();
  expire();
  await gathering;
  expect(performance.now() - expired).toBeLessThan(4000);
  expect(names).toEqual(['b']);
  expect(errors).toEqual(['/bin/sh was stopped because it had not ended in time']);
  expect(isAlive(pidIn('child'))).toBe(false);
  expect(isAlive(pidIn('grandchild'))).toBe(false);
  expect(existsSync(`/proc/${pidIn('child')}`)).toBe(false);
});

test('a child that left the process group and holds stdout open does not delay the deadline', async () => {
  const script = sh(`setsid /bin/sh -c 'echo $$ > ${folder}/far; exec sleep 30' & exit 0`);
  const { errors, gathering, expire } = await start({ commands: [script] });
  await until(() => existsSync(join(folder, 'far')) && pidIn('far') > 0);
  const expired = performance.now();
  expire();
  await gathering;
  expect(performance.now() - expired).toBeLessThan(4000);
  expect(errors).toEqual(['/bin/sh was stopped because it had not ended in time']);
  process.kill(pidIn('far'));
});

test('programs that were not started before the deadline are reported', async () => {
  const commands = Array.from({ length: 10 }, (_, index) => sh(`echo x > ${folder}/${index}; exec sleep 30`));
  const { errors, gathering, expire } = await start({ commands });
  await until(() => existsSync(join(folder, '7')));
  expire();
  await gathering;
  expect(errors.filter((error) => error.startsWith('/bin/sh was stopped'))).toHaveLength(8);
  expect(errors.at(-1)).toBe('2 programs were not started before the deadline');
  expect(existsSync(join(folder, '8'))).toBe(false);
});

test('a program that exceeds max_output is stopped', async () => {
  const { lines, errors } = await gather({ commands: [['yes', 'a v=1']], max_output: '64KiB' });
  expect(lines).toEqual([]);
  expect(errors).toEqual(['yes wrote more than 65536 bytes and was stopped']);
});

test('a flood of stderr is read and discarded', async () => {
  const { lines, errors } = await gather({
    commands: [sh('head -c 1000000 /dev/zero | tr "\\0" x >&2; echo "a v=1"')],
  });
  expect({ lines, errors }).toEqual({ lines: ['a,host=test v=1 1'], errors: [] });
});

test('stopping the agent ends running programs without an error, and stop() resolves when they are gone', async () => {
  const script = sh(`echo $$ > ${folder}/child; exec sleep 30`);
  const { errors, gathering, abort, stop } = await start({ commands: [script] });
  await until(() => existsSync(join(folder, 'child')) && pidIn('child') > 0);
  abort();
  await stop();
  expect(isAlive(pidIn('child'))).toBe(false);
  await gathering;
  expect(errors).toEqual([]);
});

test('environment adds variables to the environment of the agent', async () => {
  const { lines } = await gather({
    commands: [sh('echo "$NAME v=$VALUE"; test -n "$PATH"')],
    environment: ['NAME=env', 'VALUE=1i', 'EQUALS=a=b'],
  });
  expect(lines).toEqual(['env,host=test v=1i 1']);
});

test('a glob expands to all matching programs', async () => {
  for (const name of ['b.sh', 'a.sh', 'c.txt', '.hidden.sh']) {
    writeFileSync(join(folder, name), `#!/bin/sh\necho "${name[0]!},arg=$1 v=1"\n`);
    chmodSync(join(folder, name), 0o755);
  }
  const { lines, errors } = await gather({ commands: [[join(folder, '*.sh'), 'x y']] });
  expect(errors.length).toBe(2);
  const { lines: good } = await gather({ commands: [[join(folder, '*.sh'), 'z']] });
  expect(lines).toEqual([]);
  expect(good.sort()).toEqual(['a,arg=z,host=test v=1 1', 'b,arg=z,host=test v=1 1']);
});

test('log_stderr logs stderr of successful programs', async () => {
  const warnings: string[] = [];
  const log = { ...silentLog, warn: (message: string) => warnings.push(message) };
  const commands = [sh('echo careful >&2; echo "a v=1"')];
  await gather({ commands, log_stderr: true }, { log });
  await gather({ commands }, { log });
  expect(warnings).toEqual(['/bin/sh: careful']);
});

test('all commands run, even if more than may run concurrently', async () => {
  const commands = Array.from({ length: 20 }, (_, index): [string, string] => ['echo', `a v=${index}i`]);
  const { lines, errors } = await gather({ commands });
  expect(errors).toEqual([]);
  expect(new Set(lines).size).toBe(20);
});

test('a command given as a string is rejected with an example, without quoting it', () => {
  const { error } = exec.config.safeParse({ commands: ['/usr/bin/check --password hunter2'] });
  expect(error?.issues[0]?.path).toEqual(['commands', 0]);
  expect(error?.issues[0]?.message).toContain('["/usr/local/bin/check", "--all"]');
  expect(error?.issues[0]?.message).not.toContain('hunter2');
  for (const commands of [[], [[]], [['']]]) expect(exec.config.safeParse({ commands }).success).toBe(false);
  expect(exec.config.safeParse({ commands: [['x']], environment: ['NAME'] }).success).toBe(false);
});

test('H-015: programs inherit no tokens, only what programs need and what the entry names', async () => {
  const before = { ...process.env };
  try {
    Object.assign(process.env, {
      SECRET_TOKEN: 'S3CRET',
      AWS_SECRET_ACCESS_KEY: 'S3CRET',
      LC_ALL: 'C',
      NODE_OPTIONS: '',
    });
    const print = sh('env | cut -d= -f1 | sed "s/.*/env,name=& v=1/"');
    const { lines, errors } = await gather({ commands: [print], environment: ['GIVEN=x=y', 'HOME=/nowhere'] });
    expect(errors).toEqual([]);
    const names = lines.map((line) => /name=(\w+)/.exec(line)?.[1] ?? '').sort();
    const allowed = /^(PATH|HOME|USER|LOGNAME|SHELL|LANG|LANGUAGE|LC_\w+|TZ|TMPDIR|GIVEN|PWD|SHLVL|_|OLDPWD)$/;
    expect(names.filter((name) => !allowed.test(name))).toEqual([]);
    expect(names).toEqual(expect.arrayContaining(['GIVEN', 'HOME', 'LC_ALL', 'PATH']));
    const { lines: values } = await gather({
      commands: [sh('echo "a v=\\"$GIVEN $HOME\\""')],
      environment: ['GIVEN=x=y', 'HOME=/nowhere'],
    });
    expect(values[0]).toContain('x=y /nowhere');
  } finally {
    for (const name of Object.keys(process.env)) if (!(name in before)) Reflect.deleteProperty(process.env, name);
    Object.assign(process.env, before);
  }
});
