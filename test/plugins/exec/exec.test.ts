import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterEach, beforeEach, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { atOnce } from '../../../src/core/turns.ts';
import { createParser, DATA_FORMATS } from '../../../src/plugins/exec/formats.ts';
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

/** Gathers from a file that a program prints. */
async function printing(text: string, options: Partial<Options>) {
  writeFileSync(join(folder, 'out'), text);
  return gather({ commands: [['cat', join(folder, 'out')]], ...options });
}

test("C-028: Python's NaN and Infinity cost their value only", async () => {
  const text = '{"a": NaN, "b": [Infinity, -Infinity, 2], "c": 1, "s": "NaN \\" -Infinity", "NaN": 4}';
  const options = { json_string_fields: ['s'] };
  const expected = { lines: ['exec,host=test b_2=2,c=1,s="NaN \\" -Infinity",NaN=4 1'], errors: [] };
  expect(await printing(text, { data_format: 'json', ...options })).toEqual(expected);
  expect(await printing(`${text}\n`, { data_format: 'ndjson', ...options })).toEqual(expected);
  const { errors } = await printing('{"a": NaN, "b": nan}', { data_format: 'json' });
  expect(errors[0]).toMatch(/^cat wrote 1 invalid metrics; first error: not JSON: .*NaN/);
});

test.each(['"\\"', '"', 'NaN', '-', '{"a":"\\', '"a"NaN'])(
  'C-028: the search for NaN takes linear time, for %j',
  async (piece) => {
    const text = `{"a": NaN ${piece.repeat(2_000_000 / piece.length)}`;
    const started = performance.now();
    const { errors } = await printing(text, { data_format: 'json' });
    expect(errors[0]).toMatch(/not JSON/);
    // A quadratic search of two megabytes takes many minutes.
    expect(performance.now() - started).toBeLessThan(10_000);
  },
);

test('C-026: the time of a point is in a field of the JSON', async () => {
  const options = { data_format: 'json', json_time_key: 'meta_at' } as const;
  const at = (time: unknown) => JSON.stringify({ meta: { at: time }, v: 1 });
  expect(await printing(at(1_700_000_000), options)).toEqual({
    lines: ['exec,host=test v=1 1700000000000000000'],
    errors: [],
  });
  for (const [format, time, nanoseconds] of [
    ['unix', 1_700_000_000.25, 1_700_000_000_250_000_000n],
    ['unix', '1700000000.123456789012', 1_700_000_000_123_456_789n],
    ['unix', -1, -1_000_000_000n],
    ['unix_ms', 1_700_000_000_123, 1_700_000_000_123_000_000n],
    ['unix_us', '1700000000123456', 1_700_000_000_123_456_000n],
    ['unix_ns', '1700000000123456789', 1_700_000_000_123_456_789n],
    ['rfc3339', '2023-11-14T22:13:20.123456789Z', 1_700_000_000_123_456_789n],
    ['rfc3339', '2023-11-14 23:13:20+01:00', 1_700_000_000_000_000_000n],
  ] as const) {
    const { lines, errors } = await printing(at(time), { ...options, json_time_format: format });
    expect([format, time, lines, errors]).toEqual([format, time, [`exec,host=test v=1 ${nanoseconds}`], []]);
  }
});

test.each([
  ['unix', undefined],
  ['unix', 'soon'],
  ['unix', '1e9'],
  ['unix', '9'.repeat(19)],
  ['unix', true],
  ['rfc3339', '2023-11-14'],
  ['rfc3339', '2023-13-40T00:00:00Z'],
] as const)('C-026: in the form %s %j is no time, which costs that item', async (format, time) => {
  const text = JSON.stringify([
    { time, v: 1 },
    { time: format === 'unix' ? 5 : '1970-01-01T00:00:05Z', v: 2 },
  ]);
  const options = { data_format: 'json', json_time_key: 'time', json_time_format: format } as const;
  expect(await printing(text, options)).toEqual({
    lines: ['exec,host=test v=2 5000000000'],
    errors: [`cat wrote 1 invalid metrics; first error: item 0: expected a time in the form ${format} at time`],
  });
});

test('C-027: newline-delimited JSON, one object a line', async () => {
  const text = '{"a":1,"kind":"x"}\r\n\nnonsense\n[1]\n{"a":2}';
  expect(await printing(text, { data_format: 'ndjson', json_tag_keys: ['kind'] })).toEqual({
    lines: ['exec,host=test,kind=x a=1 1', 'exec,host=test a=2 1'],
    errors: [expect.stringMatching(/^cat wrote 2 invalid metrics; first error: line 3: not JSON: ./)],
  });
});

test('C-027: CSV with names in the first row', async () => {
  const text =
    '\uFEFFhost_name,cpu,ok,note,at\r\n"a ""b"", c",12.5,true,"two\nlines",10\r\nb,,false,,11\r\nc,1\r\nd,007,x,y,12';
  const options = {
    data_format: 'csv',
    name: 'rows',
    json_tag_keys: ['host_*'],
    json_string_fields: ['ok', 'note'],
    json_time_key: 'at',
  } satisfies Partial<Options>;
  expect(await printing(text, options)).toEqual({
    lines: [
      'rows,host=test,host_name=a\\ "b"\\,\\ c cpu=12.5,ok=true,note="two\nlines" 10000000000',
      'rows,host=test,host_name=b ok=false 11000000000',
      'rows,host=test,host_name=d cpu=7,ok="x",note="y" 12000000000',
    ],
    errors: [
      'rows.ok: text, but true or false before; a database keeps the type of a field and refuses others',
      'cat wrote 1 invalid metrics; first error: row 4: 2 cells instead of 5',
    ],
  });
});

test('C-027: CSV with given columns and another delimiter', async () => {
  const options = { data_format: 'csv', csv_columns: ['a', '', 'b'], csv_delimiter: ';' } satisfies Partial<Options>;
  expect(await printing('1;2;3\n4;5;\n', options)).toEqual({
    lines: ['exec,host=test a=1,b=3 1', 'exec,host=test a=4 1'],
    errors: [],
  });
  const { errors } = await printing('1;2;3\n'.repeat(12), { ...options, max_metrics: 10 });
  expect(errors).toEqual(['cat printed more than 10 rows, and none is used; raise max_metrics']);
});

test('C-027: the text formats of Prometheus', async () => {
  const text = '# TYPE h histogram\nh_bucket{le="1"} 2\nh_count 3\nh_sum 4.5\n{"a.b",x="y"} 1 5\n';
  const expected = [
    'prometheus,host=test,le=1 h_bucket=2 1',
    'prometheus,host=test h_count=3,h_sum=4.5 1',
    'prometheus,host=test,x=y a.b=1 5000000',
    'prometheus,host=test,le=+Inf h_bucket=3 1',
  ];
  const { lines, errors } = await printing(text, { data_format: 'prometheus' });
  expect([lines.sort(), errors]).toEqual([expected.sort(), []]);
  expect((await printing('a 1\n# EOF\n', { data_format: 'prometheus' })).lines).toEqual(['prometheus,host=test a=1 1']);
  expect((await printing('a 1\nb x\n', { data_format: 'prometheus' })).errors).toEqual([
    'line 2: expected a number as the value, and an optional timestamp, in "b x"',
  ]);
});

test('C-027: Nagios output: the exit code is the state', async () => {
  const output = `DISK WARNING - free: / 2643 MB | '/ used'=2643MB;5948;5958;0;5968 time=0.5s;~:1;@1:2 n=U x=1e3c
long text | more=12%;80:;;
second line`;
  writeFileSync(join(folder, 'out'), output);
  const run = (code: number, options: Partial<Options> = {}) =>
    gather({ commands: [sh(`cat ${folder}/out; exit ${code}`)], data_format: 'nagios', ...options });
  expect(await run(1)).toEqual({
    lines: [
      'nagios_state,host=test state=1i,service_output="DISK WARNING - free: / 2643 MB",long_service_output="long text\nsecond line" 1',
      'nagios,host=test,perfdata=/\\ used,unit=MB value=2643,warning_lt=0,warning_gt=5948,critical_lt=0,critical_gt=5958,min=0,max=5968 1',
      'nagios,host=test,perfdata=time,unit=s value=0.5,warning_gt=1,critical_le=1,critical_ge=2 1',
      'nagios,host=test,perfdata=x,unit=c value=1000 1',
      'nagios,host=test,perfdata=more,unit=% value=12,warning_lt=80 1',
    ],
    errors: [],
  });
  expect((await run(0)).lines[0]).toMatch('state=0i');
  expect(await run(127)).toEqual({ lines: [], errors: ['/bin/sh exited with code 127'] });
  expect((await run(127, { ignore_error: true })).lines[0]).toMatch('state=3i');
  expect((await run(1, { max_metrics: 2 })).errors[0]).toMatch(/more than 2 values, and none is used/);
});

test('C-027: no output crashes a parser', () => {
  const pieces = [
    '"',
    "'",
    ',',
    ';',
    '|',
    '=',
    '\\',
    '\n',
    '\r',
    '{',
    '}',
    '[',
    'NaN',
    '1',
    'a',
    '@',
    '~:',
    ' ',
    '\0',
    '\ud800',
  ];
  const hostile = fc.array(fc.constantFrom(...pieces), { maxLength: 40 }).map((parts) => parts.join(''));
  const parsers = DATA_FORMATS.filter((format) => format !== 'prometheus').map((format) =>
    createParser({
      data_format: format,
      name: 'exec',
      json_tag_keys: ['a*'],
      json_string_fields: ['*'],
      json_name_key: '',
      json_time_key: '',
      json_time_format: 'unix',
      csv_delimiter: ',',
      csv_columns: [],
      max_metrics: 1000,
    }),
  );
  fc.assert(
    fc.property(hostile, (text) => {
      for (const parse of parsers) {
        const { errors, rejected } = atOnce(parse(Buffer.from(text), 0));
        expect(rejected).toBe(errors.length);
      }
    }),
    { numRuns: 3000 },
  );
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
