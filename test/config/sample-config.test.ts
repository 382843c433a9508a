import { expect, test } from '@jest/globals';
import { parse } from 'yaml';

import { jsonSchema } from '../../src/config/json-schema.ts';
import { checkConfig } from '../../src/config/load.ts';
import { sampleConfig, STARTER } from '../../src/config/sample-config.ts';
import { optionNames } from '../../src/config/option-schema.ts';
import { entryKeys, SECTIONS, SETTINGS, type SectionKind } from '../../src/config/file-schema.ts';
import { builtInPlugins, type Registry } from '../../src/registry/registry.ts';

import { fakeRegistry } from './fake-plugins.ts';

const uncomment = (text: string) => text.replace(/^( *)# /gm, '$1');

async function accept(text: string, registry: Registry) {
  return checkConfig(parse(text), { cwd: '/', environment: {}, registry });
}

test('the sample configuration is valid as printed and with every option uncommented', async () => {
  const text = await sampleConfig(fakeRegistry);
  expect(text).toContain('\n      ## One metric for each processor\n      # percpu: true\n');
  expect((await accept(text, fakeRegistry)).outputs.map(({ alias }) => alias)).toEqual(['console']);

  const full = uncomment(text);
  const config = await accept(full, fakeRegistry);
  expect(config.inputs.map(({ alias }) => alias).sort()).toEqual(fakeRegistry.names('input'));
  expect(config.outputs.map(({ alias }) => alias)).toEqual(['console', 'influxdb']);
  const byDefault = await checkConfig({}, { cwd: '/', environment: {}, registry: fakeRegistry });
  expect(full).toContain('\njournal:\n');
  const settings = ({ agent, journal, log }: typeof config) => ({ agent, journal, log });
  expect(settings(config)).toEqual(settings(byDefault));
});

test('U-014: the starter is short, has a database and a notifier, and is valid with and without its comments', async () => {
  expect(STARTER.split('\n').length).toBeLessThan(45);
  const settings = { cwd: '/', environment: { ...SECRETS, INFLUX_TOKEN: 'token' }, registry: builtInPlugins };
  const plain = await checkConfig(parse(STARTER), settings);
  expect([plain.outputs.map(({ alias }) => alias), plain.notifiers]).toEqual([['console'], []]);
  // Prose has no colon after its first word.
  const full = await checkConfig(parse(STARTER.replace(/^( *)# (?=( *)?(?:- )?\w+:)/gm, '$1')), settings);
  expect(full.outputs.map(({ alias }) => alias)).toEqual(['console', 'influxdb']);
  expect(full.notifiers.map(({ alias }) => alias)).toEqual(['team', 'mail']);
  expect(full.inputs.map(({ alias }) => alias)).toContain('docker');
});

test('the sample configuration of one plugin', async () => {
  const text = await sampleConfig(fakeRegistry, 'input', 'exec');
  expect(text).toBe(`## Where metrics come from; default: the common host inputs, sensors and containers
inputs:
  ## Fake program
  - exec:
      ## What to run (required)
      commands: [example]
`);
  await expect(sampleConfig(fakeRegistry, 'input', 'exce')).rejects.toThrow(/did you mean "exec"/);
});

/** The examples of some options refer to these variables. */
const SECRETS = {
  PAGERDUTY_KEY: 'key',
  SLACK_WEBHOOK: 'https://hooks.slack.com/services/T/B/X',
  TEAMS_WEBHOOK: 'https://prod-1.westeurope.logic.azure.com/workflows/1?sig=x',
};

const available: [SectionKind, string][] = [];
for (const kind of Object.values(SECTIONS)) {
  for (const name of builtInPlugins.names(kind)) available.push([kind, name]);
}

test.each(available)('the sample configuration of the built-in %s %s is valid', async (kind, name) => {
  const text = uncomment(await sampleConfig(builtInPlugins, kind, name));
  const [section, entries] = Object.entries(parse(text) as Record<string, unknown[]>)[0] ?? [];
  const others = kind === 'input' ? { outputs: ['influxdb'] } : { inputs: ['mem'] };
  const problems = await checkConfig(
    { [section ?? '']: entries, ...others },
    { cwd: '/', environment: SECRETS, registry: builtInPlugins },
  )
    .then(() => [])
    .catch((error: unknown) => (error as { problems: { path: string }[] }).problems);
  expect(problems.filter(({ path }) => path.startsWith(section ?? ''))).toEqual([]);
});

test.each(available)('the built-in %s %s declares no option with the name of an entry key', async (kind, name) => {
  const { config } = await builtInPlugins.find(kind, name);
  expect(optionNames(config).filter((option) => entryKeys(kind).includes(option))).toEqual([]);
});

test('the JSON Schema has every plugin and option, with the entry keys', async () => {
  const schema = (await jsonSchema(fakeRegistry)) as {
    properties: Record<
      string,
      {
        items: {
          anyOf: [
            { enum: string[] },
            object,
            { properties: Record<string, { anyOf: [{ properties: Record<string, object>; required?: string[] }] }> },
          ];
        };
      }
    >;
  };
  expect(Object.keys(schema.properties)).toEqual([...Object.keys(SETTINGS), 'plugins', ...Object.keys(SECTIONS)]);
  const [names, , entry] = schema.properties['inputs']!.items.anyOf;
  expect(names.enum).toEqual(fakeRegistry.names('input'));
  const { properties, required } = entry.properties['exec']!.anyOf[0];
  expect(required).toEqual(['commands']);
  expect(Object.keys(properties)).toEqual(expect.arrayContaining(['commands', 'interval', 'alias', 'tags']));
  expect(properties['timeout']).toEqual({
    type: 'string',
    description: 'Deadline of one gather; default: the interval',
  });
  expect(JSON.stringify(schema)).not.toMatch(/"secret":true|"format":"(duration|bytes)"/);
});
