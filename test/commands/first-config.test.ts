import { parse } from 'yaml';

import { describe, expect, test } from '@jest/globals';

import type { Discovery } from '../../src/commands/discovery.ts';
import { firstConfig, type InitAnswers } from '../../src/commands/first-config.ts';
import { checkConfig } from '../../src/config/load.ts';
import { builtInPlugins } from '../../src/registry/registry.ts';

const everything: Discovery = {
  engine: { name: 'Podman', endpoint: 'unix:///run/podman/podman.sock', access: 'open' },
  hasSensors: true,
  hasSystemd: true,
  hasPressure: true,
};
const forbidden: Discovery = {
  ...everything,
  engine: { name: 'Docker', endpoint: 'unix:///var/run/docker.sock', access: 'forbidden' },
};

const load = (text: string) => checkConfig(parse(text), { cwd: '/', environment: {}, registry: builtInPlugins });

describe.each([
  ['nothing', {}, ['discard'], []],
  ['a database', { sendTo: 'http://db:8086/servers' }, ['influxdb'], []],
  ['a mail address', { notify: 'ops@example.org', mailServer: 'smtp://u:p%40$x@mail:587' }, ['discard'], ['email']],
  ['Slack', { notify: 'https://hooks.slack.com/services/T/B/x' }, ['discard'], ['slack']],
  ['Teams', { notify: 'https://prod-1.westeurope.logic.azure.com:443/workflows/1' }, ['discard'], ['teams']],
  ['all', { sendTo: 'https://db.example.org', notify: 'https://example.org/${hook}' }, ['influxdb'], ['webhook']],
] satisfies readonly (readonly [string, InitAnswers, string[], string[]])[])(
  'with %s',
  (_what, answers, outputs, kinds) => {
    test.each([everything, forbidden])(
      'the configuration is valid, commented, and has at most 25 lines',
      async (found) => {
        const text = firstConfig(answers, found);
        const config = await load(text);
        expect(config.outputs.map(({ alias }) => alias)).toEqual(outputs);
        expect(config.notifiers.map(({ plugin }) => plugin.name)).toEqual(kinds);
        expect(config.inputs.map(({ alias }) => alias)).toEqual(expect.arrayContaining(['cpu', 'temp']));
        expect(text.trimEnd().split('\n').length).toBeLessThanOrEqual(25);
        expect(text).toMatch(/^# /);
        expect(text).toContain('\n  - kernel: { collect: [psi] }\n');
      },
    );
  },
);

test('addresses are taken as they are, also with what YAML and substitution take for their own', async () => {
  const url = 'https://example.org/a?b=${env:C}&d="e"';
  const { notifiers } = await load(firstConfig({ notify: url, sendTo: 'http://db/my%20db' }, everything));
  expect(notifiers[0]?.options).toMatchObject({ url });
  expect(firstConfig({ sendTo: 'http://db/my%20db' }, everything)).toContain('database: "my db"');
});

test.each([
  [{ sendTo: 'db:8086' }, '"db:8086" is not a URL'],
  [{ notify: 'ops' }, '"ops" is neither a mail address nor a URL'],
  [{ notify: 'a@b.c', mailServer: 'mail:25' }, 'is not the URL of a mail server'],
] satisfies readonly (readonly [InitAnswers, string])[])('%j is refused', (answers, text) => {
  expect(() => firstConfig(answers, everything)).toThrow(text);
});
