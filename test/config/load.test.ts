import { join, relative } from 'node:path';

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { checkConfig, loadConfig } from '../../src/config/load.ts';
import { formatProblems, InvalidConfig } from '../../src/config/problem.ts';
import { showConfig } from '../../src/config/show.ts';
import { ConfigError, describeError } from '../../src/core/errors.ts';
import { builtInPlugins } from '../../src/registry/registry.ts';

import { fakeRegistry } from './fake-plugins.ts';
import { tempFolder, writeFiles } from './temp-folder.ts';

const good = join(import.meta.dirname, 'fixtures', 'good');
const environment = { TOKEN: 'sesame-open', WORD: 'hello', HOME: '/home/somebody' };
const settings = { cwd: good, environment, registry: fakeRegistry, platform: 'linux', uid: 1000 } as const;

function loadText(text: string, name = 'healthd.yaml', others: Readonly<Record<string, string>> = {}) {
  const cwd = tempFolder({ [name]: text, ...others });
  return loadConfig({ ...settings, cwd, path: name });
}

async function messagesOf(loading: Promise<unknown>): Promise<string[]> {
  const error: unknown = await loading.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof InvalidConfig)) throw new Error(`expected InvalidConfig, got ${String(error)}`);
  return error.problems.map(({ message }) => message);
}

test('YAML, JSON, TOML and code give the same configuration', async () => {
  const load = async (file: string) => {
    const { agent, journal, log, inputs, processors, outputs } = await loadConfig({ ...settings, path: file });
    return JSON.stringify({ agent, journal, log, inputs, processors, outputs }, undefined, 2);
  };
  const yaml = await load('all.yaml');
  expect(yaml).toContain('echo hello');
  expect(await load('all.json')).toBe(yaml);
  expect(await load('all.toml')).toBe(yaml);
  expect(await load('all.ts')).toBe(yaml);
});

test('entries have inherited settings, filters and aliases', async () => {
  const { agent, journal, log, inputs, outputs, files } = await loadConfig({ ...settings, path: 'all.yaml' });
  expect(files).toEqual([join(good, 'all.yaml')]);
  expect(agent).toMatchObject({
    interval: 5000,
    batch_bytes: 1024 ** 2,
    state_dir: '/home/somebody/.local/state/healthd',
  });
  expect(journal).toEqual({
    buffer: 'memory',
    sync: 'interval',
    max_bytes: 1024 ** 3,
    max_age: 12 * 3_600_000,
    keep: 0,
    memory_bytes: 1024 ** 2,
  });
  expect(log).toEqual({
    level: 'debug',
    format: 'text',
    file: { path: '/tmp/healthd.log', max_size: 10 * 1024 ** 2, keep: 5, gzip: true },
  });
  expect(inputs.map(({ alias, interval, timeout }) => ({ alias, interval, timeout }))).toEqual([
    { alias: 'cpu', interval: 5000, timeout: 5000 },
    { alias: 'cpu-2', interval: 1000, timeout: 1000 },
    { alias: 'exec', interval: 5000, timeout: 2000 },
  ]);
  expect(inputs[1]?.filter).toMatchObject({ only: { names: ['cpu*'] }, drop: { tags: { cpu: ['cpu-total'] } } });
  expect(outputs[0]?.filter).toMatchObject({ fields: { only: ['usage_*'] }, tag_keys: { drop: ['host'] } });
  expect(outputs.map(({ flush_interval, timeout }) => [flush_interval, timeout])).toEqual([
    [10_000, 30_000],
    [1000, 30_000],
  ]);
  expect(outputs.map(({ from, catch_up, catch_up_rate }) => [from, catch_up, catch_up_rate])).toEqual([
    ['beginning', 'oldest_first', 1e6],
    ['end', 'oldest_first', 8 * 1024 ** 2],
  ]);
});

test('entry keys such as timeout are not among the options of the plugin', async () => {
  const { inputs } = await loadConfig({ ...settings, path: 'all.yaml' });
  expect(inputs[2]?.options).toEqual({ commands: ['echo hello'] });
});

test('without a file the built-in default is used', async () => {
  const config = await loadConfig({ ...settings, cwd: tempFolder(), environment: {} });
  expect(config.files).toEqual([]);
  expect(config.inputs.map(({ alias }) => alias)).toEqual(
    'cpu mem swap disk diskio net system processes kernel'.split(' '),
  );
  expect(config.outputs.map(({ alias }) => alias)).toEqual(['console']);
  expect(config.agent).toMatchObject({ interval: 10_000, batch_lines: 5000 });
  expect(config.journal).toEqual({
    buffer: 'disk',
    sync: 'interval',
    max_bytes: 1024 ** 3,
    max_age: 7 * 86_400_000,
    keep: 0,
    memory_bytes: 64 * 1024 ** 2,
  });
});

test('a missing section has its default; the state of root is in /var/lib', async () => {
  const config = await checkConfig({ inputs: ['mem'] }, { ...settings, uid: 0 });
  expect(config.inputs).toHaveLength(1);
  expect(config.outputs.map(({ alias }) => alias)).toEqual(['console']);
  expect(config.agent.state_dir).toBe('/var/lib/healthd');
});

test('under systemd the state is in the StateDirectory= of the unit', async () => {
  const environment = { ...settings.environment, STATE_DIRECTORY: '/var/lib/monitoring:/var/lib/other' };
  const config = await checkConfig({}, { ...settings, environment, uid: 0 });
  expect(config.agent.state_dir).toBe('/var/lib/monitoring');
});

test('the options of a built-in plugin are checked and get their defaults', async () => {
  const real = { ...settings, registry: builtInPlugins };
  const check = (mem: object) => checkConfig({ inputs: [{ mem }], outputs: [{ console: {} }] }, real);
  expect((await check({ collect_extended: true })).inputs[0]).toMatchObject({
    alias: 'mem',
    options: { collect_extended: true, provider: 'auto' },
  });
  expect(await messagesOf(check({ colect_extended: true }))).toEqual(['Unknown option "colect_extended"']);
});

test('variables and files are substituted once, and only in values', async () => {
  const cwd = tempFolder({
    secret: 'from a file\r\n',
    'healthd.yaml': `inputs:
  - exec: { commands: ["\${env:WORD}-\${env:NONE:-x y}-\${env:EMPTY:-z}", "\${file:secret}", "$\${env:WORD} $5", "\${env:NESTED}"] }
processors: [{ rename: { names: { "\${env:WORD}": "a" } } }]
`,
  });
  const env = { WORD: 'hello', EMPTY: '', NESTED: '${env:WORD}\n- x' };
  const { inputs, processors } = await loadConfig({ ...settings, cwd, path: 'healthd.yaml', environment: env });
  expect(inputs[0]?.options).toMatchObject({
    commands: ['hello-x y-z', 'from a file', '${env:WORD} $5', '${env:WORD}\n- x'],
  });
  expect(processors[0]?.options).toEqual({ names: { '${env:WORD}': 'a' } });
});

test('AL-109: a secret from a file has no trailing newline, and is read again at every reload', async () => {
  const cwd = tempFolder({
    hook: 'https://hooks.slack.com/services/T/B/old\n',
    'healthd.yaml': 'inputs: [mem]\noutputs: [console]\nnotifiers: { ops: { slack: { url: "${file:hook}" } } }\n',
  });
  const load = () => loadConfig({ ...settings, cwd, path: 'healthd.yaml', environment: {}, registry: builtInPlugins });
  const [first] = (await load()).notifiers;
  expect(first?.options).toMatchObject({ url: 'https://hooks.slack.com/services/T/B/old' });
  writeFiles(cwd, { hook: 'https://hooks.slack.com/services/T/B/new\r\n' });
  const [second] = (await load()).notifiers;
  expect(second?.options).toMatchObject({ url: 'https://hooks.slack.com/services/T/B/new' });
  expect(second?.fingerprint).not.toBe(first?.fingerprint);
});

test('files of alerts.d hold parts of the section alerts', async () => {
  const cwd = tempFolder({
    'healthd.yaml': 'inputs: [mem]\noutputs: [console]\n',
    'alerts.d/20-b.yaml': 'rules: [{ id: b, metric: mem.used_percent, above: { warning: 90 } }]\n',
    'alerts.d/10-a.yaml': 'defaults: off\nrules: [{ id: a, metric: mem.used_percent, above: { warning: 90 } }]\n',
  });
  const load = () => loadConfig({ ...settings, cwd, path: 'healthd.yaml', environment: {}, registry: builtInPlugins });
  const { alerts, files } = await load();
  expect(alerts.rules.map(({ id }) => id)).toEqual(['a', 'b']);
  expect(files.map((file) => relative(cwd, file))).toEqual([
    'healthd.yaml',
    'alerts.d/10-a.yaml',
    'alerts.d/20-b.yaml',
  ]);

  writeFiles(cwd, {
    'alerts.d/20-b.yaml': '\nrules:\n  - id: b\n    metric: mem.usd_percent\n    above: { warning: 90 }\n',
  });
  await expect(load()).rejects.toMatchObject({
    problems: [{ file: join(cwd, 'alerts.d/20-b.yaml'), line: 4, column: 13, path: 'alerts.rules.1.metric' }],
  });
});

test('fragments of conf.d are added in the order of their names', async () => {
  const config = await loadText('inputs: [mem]\nagent: { tags: { a: b } }\njournal: { keep: 1d }\n', 'healthd.yaml', {
    'conf.d/20-b.toml': 'inputs = ["swap"]\n[agent.tags]\nc = "d"',
    'conf.d/10-a.yaml': 'inputs: [cpu]\nlog: { level: warn }\njournal: { sync: always }\n',
    'conf.d/30-off.yaml': '# inputs: [disk]\n',
    'conf.d/.40-hidden.yaml': 'inputs: [net]\n',
    'conf.d/50-readme.txt': 'inputs: [net]\n',
  });
  expect(config.inputs.map(({ alias }) => alias)).toEqual(['mem', 'cpu', 'swap']);
  expect(config.agent.tags).toEqual({ a: 'b', c: 'd' });
  expect(config.log.level).toBe('warn');
  expect(config.journal).toMatchObject({ keep: 86_400_000, sync: 'always' });
  expect(config.files.map((file) => file.split('/').at(-1))).toEqual(['healthd.yaml', '10-a.yaml', '20-b.toml']);
});

test('a problem in a fragment is shown there; a setting that is given twice names both places', async () => {
  const cwd = tempFolder({
    'healthd.yaml': 'inputs: [mem]\nagent:\n  interval: 5s\njournal: { keep: 1d }\n',
    'conf.d/a.yaml': 'inputs:\n  - cpu: { percup: true }\n',
  });
  const load = () => loadConfig({ ...settings, cwd, path: 'healthd.yaml' });
  await expect(load()).rejects.toMatchObject({
    problems: [{ file: join(cwd, 'conf.d/a.yaml'), line: 2, column: 12, path: 'inputs.1.cpu.percup' }],
  });
  writeFiles(cwd, { 'conf.d/a.yaml': 'agent: { interval: 6s }\njournal: { keep: 2d }\n' });
  await expect(load()).rejects.toMatchObject({
    problems: [
      {
        file: join(cwd, 'conf.d/a.yaml'),
        line: 1,
        message: `"agent.interval" is also set in ${join(cwd, 'healthd.yaml')}:3`,
      },
      {
        file: join(cwd, 'conf.d/a.yaml'),
        line: 2,
        message: `"journal.keep" is also set in ${join(cwd, 'healthd.yaml')}:4`,
      },
    ],
  });
});

test('a fingerprint changes with the entry and the settings it inherits, and with nothing else', async () => {
  const prints = async (text: string, env: Readonly<Record<string, string>> = {}) => {
    const cwd = tempFolder({ 'healthd.yaml': text });
    const { inputs } = await loadConfig({ ...settings, cwd, path: 'healthd.yaml', environment: env });
    return inputs.map(({ fingerprint }) => fingerprint);
  };
  const [cpu, mem] = await prints('inputs: [{ cpu: { names: [a], mode: native } }, mem]');
  expect(await prints('inputs: [{ cpu: { mode: native, names: [a] } }, mem]\nagent: { stop_timeout: 1s }')).toEqual([
    cpu,
    mem,
  ]);
  expect(await prints('inputs: [{ cpu: { names: ["${env:N}"], percpu: true } }, mem]', { N: 'a' })).toEqual([cpu, mem]);
  const [other, same] = await prints('inputs: [{ cpu: { names: [b] } }, mem]');
  expect(other).not.toBe(cpu);
  expect(same).toBe(mem);
  expect(await prints('inputs: [{ cpu: { names: [a], only: [x] } }]')).not.toContain(cpu);
  expect(await prints('inputs: [mem]\nagent: { interval: 1s }')).not.toContain(mem);
});

test('catch_up changes the fingerprint of its output; the section journal changes none', async () => {
  const print = async (text: string) => (await loadText(`outputs: [{ console: ${text}`)).outputs[0]?.fingerprint;
  const plain = await print('{} }]');
  expect(await print('{} }]\njournal: { max_bytes: 2GiB, sync: none }')).toBe(plain);
  expect(await print('{ from: end, catch_up: oldest_first, catch_up_rate: 8MiB } }]')).toBe(plain);
  expect(await print('{ catch_up: newest_first } }]')).not.toBe(plain);
  expect(await print('{ catch_up_rate: 1MiB } }]')).not.toBe(plain);
});

test('the minimum limits of the journal are accepted', async () => {
  const { journal } = await loadText('journal: { max_bytes: 1MiB, memory_bytes: 1, max_age: 1m }');
  expect(journal).toMatchObject({ max_bytes: 1024 ** 2, memory_bytes: 1, max_age: 60_000 });
});

test('secrets are shown neither by config show nor in log messages', async () => {
  const config = await loadText(
    'inputs: [{ exec: { commands: ["x ${env:WORD}"] } }]\n' +
      'outputs: [{ influxdb: { url: "http://u:${env:TOKEN}@h", token: literal-token, port: 31337, headers: { A: bearer-x } } }]\n',
  );
  const text = showConfig(config);
  expect(text).not.toMatch(/hello|sesame|literal-token|31337|bearer-x/);
  expect(text.match(/<secret>/g)).toHaveLength(5);
  expect(text).toContain('timeout: 30s');
  expect(text).toContain('journal:\n  buffer: disk\n  sync: interval\n  max_bytes: 1GiB\n');
  expect(text).toContain('catch_up: oldest_first');
  const { redact } = { redact: (line: string) => config.secrets.redact(line) };
  expect(redact('cannot log in with literal-token at http://u:sesame-open@h, port 31337')).toBe(
    'cannot log in with <secret> at http://u:<secret>@h, port <secret>',
  );
});

test('the password in a URL is a secret in every option', async () => {
  const config = await loadText(
    'inputs: [{ cpu: { names: ["https://u:p%40ssword@h/x", "amqp://:xyz@h, http://h:8086/a@b"], mode: native } }]\n' +
      'outputs: [{ influxdb: { url: "https://same:same@h" } }]\n',
  );
  const text = showConfig(config);
  expect(text).toContain('https://u:<secret>@h/x');
  expect(text).toContain('amqp://:<secret>@h, http://h:8086/a@b');
  expect(text).toContain('https://same:<secret>@h');
  expect(config.secrets.redact('at https://u:p%40ssword@h, p@ssword, ftp://a:b@c, amqp://:xyz@h xyz')).toBe(
    'at https://u:<secret>@h, <secret>, ftp://a:<secret>@c, amqp://:<secret>@h xyz',
  );
});

test.each([
  ['an invalid URL', 'outputs: [{ influxdb: { url: "https://user:hunter2/hunter2-and-more-of-it@h" } }]'],
  ['an invalid choice', 'inputs: [{ cpu: { mode: "https://u:hunter2hunter2hunter2hunter2hunter2@h" } }]'],
  ['another option on its line', 'inputs: [{ cpu: { names: ["https://u:hunter2@h"], percup: true } }]'],
  ['an unknown plugin', 'inputs: [{ cpuu: { url: "https://u:hunter2@h" } }]'],
  ['a syntax error', 'inputs: [{ cpu: { names: ["https://u:hunter2@h"] }'],
])('the password in a URL is not shown in a problem with %s', async (_case, text) => {
  const error = await loadText(text).catch((thrown: unknown) => thrown);
  if (!(error instanceof InvalidConfig)) throw new Error('a problem was expected');
  const shown = formatProblems(error.problems) + describeError(error);
  expect(shown).not.toContain('hunter2');
  expect(shown).toContain('***');
});

test('a syntax error does not show the secret on its line', async () => {
  const texts = {
    'a.yaml': 'outputs: [{ influxdb: { token: hunter2: x } }',
    'a.toml': 'token = "hunter2" x',
    'a.json': '{"token": "hunter2" x}',
  };
  for (const [name, text] of Object.entries(texts)) {
    const error = (await loadText(text, name).catch((thrown: unknown) => thrown)) as InvalidConfig;
    expect(error).toBeInstanceOf(InvalidConfig);
    expect(formatProblems(error.problems) + describeError(error)).not.toContain('hunter2');
    expect(formatProblems(error.problems)).toContain('token');
  }
});

test('a secret is found in its escaped forms, a short one only where it is alone in quotes', async () => {
  const config = await loadText('outputs: [{ influxdb: { url: http://h, token: "a b/\\"c", headers: { X: ab } } }]');
  expect(config.secrets.redact('?t=a%20b%2F%22c {"t":"a b/\\"c"} cab "ab"')).toBe(
    '?t=<secret> {"t":"<secret>"} cab "<secret>"',
  );
});

test('the output of config show is a valid configuration with the same meaning', async () => {
  const config = await loadText(
    'inputs: [cpu, { cpu: { interval: 2s } }]\noutputs: [{ influxdb: { url: http://h, catch_up: newest_first } }]\n' +
      'journal: { buffer: memory, memory_bytes: 5MB, keep: 1h }\nlog: { level: debug }\n',
  );
  const again = await loadText(showConfig(config));
  const prints = ({ inputs, outputs }: typeof config) => [...inputs, ...outputs].map(({ fingerprint }) => fingerprint);
  expect(prints(again)).toEqual(prints(config));
  const settingsOf = ({ agent, journal, log }: typeof config) => ({ agent, journal, log });
  expect(settingsOf(again)).toEqual(settingsOf(config));
});

test('H-026: any text gives a configuration or a ConfigError', async () => {
  const word = fc.constantFrom(
    'agent',
    'inputs',
    'cpu',
    ': ',
    '- ',
    '\n',
    '  ',
    '[',
    ']',
    '{',
    '}',
    ',',
    '&a ',
    '*a',
    '<<',
    '!!set',
    '"',
    "'",
    '|',
    '>',
    '#',
    '? ',
    '${env:',
    '}',
    '\t',
    '---',
    '...',
    '%YAML',
    '5',
    '=',
    '__proto__',
    '\u0000',
    '[[',
    ']]',
    '.',
    '"""',
  );
  const text = fc.oneof(
    fc
      .array(fc.oneof({ weight: 6, arbitrary: word }, { weight: 1, arbitrary: fc.string({ maxLength: 5 }) }))
      .map((parts) => parts.join('')),
    fc.json(),
  );
  await fc.assert(
    fc.asyncProperty(text, fc.constantFrom('.yaml', '.toml', '.json'), async (content, extension) => {
      const { parseText } = await import('../../src/config/parse.ts');
      try {
        const { value } = await parseText(`/x/healthd${extension}`, content, undefined);
        await checkConfig(value, settings);
      } catch (error) {
        expect(error).toBeInstanceOf(ConfigError);
      }
    }),
    { numRuns: 400 },
  );
});

test.each(['[', '{a: ', '- '])('ten thousand levels of %j are refused, not a crash', async (opening) => {
  await expect(loadText(opening.repeat(10_000))).rejects.toBeInstanceOf(ConfigError);
  await expect(loadText('[1,'.repeat(10_000).slice(0, -1) + ']'.repeat(10_000), 'healthd.json')).rejects.toBeInstanceOf(
    ConfigError,
  );
  await expect(loadText(`inputs = ${'['.repeat(10_000)}`, 'healthd.toml')).rejects.toBeInstanceOf(ConfigError);
});

test('a value that contains itself is refused', async () => {
  const options: Record<string, unknown> = {};
  options['names'] = [options];
  expect(await messagesOf(checkConfig({ inputs: [{ cpu: options }] }, settings))).toEqual([
    'This value contains itself',
  ]);
});

test('a named file that is missing, has an unknown extension or is empty', async () => {
  await expect(loadConfig({ ...settings, path: 'none.yaml' })).rejects.toThrow(
    /none\.yaml, named by --config, does not exist/,
  );
  await expect(loadConfig({ ...settings, environment: { HEALTHD_CONFIG: 'none.yaml' } })).rejects.toThrow(
    /HEALTHD_CONFIG/,
  );
  await expect(loadText('[agent]', 'telegraf.conf')).rejects.toThrow(/must have one of the extensions \.yaml/);
  expect(await messagesOf(loadText(''))).toEqual(['The configuration is empty']);
  const folder = tempFolder({ 'dir.yaml/x': '' });
  await expect(loadConfig({ ...settings, cwd: folder, path: 'dir.yaml' })).rejects.toThrow(/is a folder/);
});

test('what is no text, or no YAML from end to end, is refused in a few short lines', async () => {
  await expect(loadText('i\0n\0p\0u\0t\0s\0')).rejects.toThrow(/not text in UTF-8/);
  const messages = await messagesOf(loadText(`${'a: }\n'.repeat(500)}${'x'.repeat(5000)}`));
  expect(messages.length).toBeLessThanOrEqual(10);
  expect(Math.max(...messages.map(({ length }) => length))).toBeLessThanOrEqual(201);
});

describe('the file environment beside the configuration', () => {
  const outputs = (urls: readonly string[]) =>
    JSON.stringify({ inputs: urls.map((command, index) => ({ exec: { alias: `e${index}`, commands: [command] } })) });
  const commandsOf = ({ inputs }: Awaited<ReturnType<typeof loadConfig>>) =>
    inputs.map(({ options }) => (options as { readonly commands: readonly unknown[] }).commands[0]);

  test('has variables that the environment lacks, in the form of systemd', async () => {
    const environmentFile = [
      '# secrets',
      '; too',
      'PLAIN=a#b c',
      'DOUBLE="x \\"y\\" $z"',
      "SINGLE='q \\w'",
      'SPLIT=one\\',
      'two',
      'WORD=other',
      'no variable',
    ].join('\r\n');
    const text = outputs(['${env:PLAIN}', '${env:DOUBLE}', '${env:SINGLE}', '${env:SPLIT}', '${env:WORD}']);
    const config = await loadText(text, 'healthd.json', { environment: environmentFile });
    expect(commandsOf(config)).toEqual(['a#b c', 'x "y" $z', 'q \\w', 'onetwo', 'hello']);
    expect(showConfig(config)).not.toContain('a#b');
    expect(config.secrets.redact('it is a#b c')).toBe('it is <secret>');
  });

  test('need not be there, and need not be a file', async () => {
    const missing = 'The environment variable PLAIN is not set';
    expect(await messagesOf(loadText(outputs(['${env:PLAIN}']), 'healthd.json'))).toEqual([missing]);
    const folder = { 'environment/x': 'PLAIN=a' };
    expect(await messagesOf(loadText(outputs(['${env:PLAIN}']), 'healthd.json', folder))).toEqual([missing]);
  });
});

describe('H-021, H-025: nesting', () => {
  const deep = 100_000;
  test.each([
    ['H-021: a TOML key of 20,000 parts', '.toml', `x = 1\na${'.a'.repeat(20_000)} = 1\n`],
    ['H-021: a TOML table of 20,000 parts', '.toml', `[a${'.a'.repeat(20_000)}]\n`],
    ['H-021: TOML lists', '.toml', `a = ${'['.repeat(deep)}${']'.repeat(deep)}\n`],
    ['H-025: YAML lists', '.yaml', `a: ${'['.repeat(deep)}${']'.repeat(deep)}\n`],
    ['H-025: YAML mappings', '.yaml', `a: ${'{a: '.repeat(deep)}1${'}'.repeat(deep)}\n`],
    ['H-025: YAML lists in lists', '.yaml', `${'- '.repeat(deep)}1\n`],
    ['H-025: JSON', '.json', `{"a":${'['.repeat(deep)}${']'.repeat(deep)}}`],
  ])('%s is refused at once and in words', async (_name, extension, content) => {
    const { parseText } = await import('../../src/config/parse.ts');
    const start = performance.now();
    const message = await parseText(`/x/healthd${extension}`, content, undefined)
      // Nesting that a parser can read is refused by the check that follows.
      .then(({ value }) => checkConfig(value, { cwd: '/', environment: {}, registry: builtInPlugins }))
      .then(String, (error: unknown) => (error as Error).message);
    expect(message).toMatch(/Nested (more than 64 levels deep|too deeply)|Invalid TOML: .*excessively nested/);
    expect(message).not.toMatch(/call stack/i);
    expect(message.length).toBeLessThan(1000);
    expect(performance.now() - start).toBeLessThan(5000);
  });
});
