/** Every configuration in examples/ is valid with the built-in plugins, and examples/full contains every option. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, relative } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parse as parseToml } from 'smol-toml';

import type { ListenAddress } from '../src/core/listen-address.ts';
import type { PluginEntry } from '../src/host/entry.ts';
import { loadConfig } from '../src/config/load.ts';
import { optionNames, optionSchema, variants, type OptionSchema } from '../src/config/option-schema.ts';
import { entrySchemas, SECTIONS, SETTINGS, type SettingsSection } from '../src/config/file-schema.ts';
import type { Plugin } from '../src/plugin/index.ts';
import { builtInPlugins } from '../src/registry/registry.ts';
import { testContext } from '../src/testing.ts';

const EXAMPLES = join(import.meta.dirname, '..', 'examples');

const files = readdirSync(EXAMPLES, { recursive: true, encoding: 'utf8' })
  .filter((file) => /^healthd(\.config)?\.(yaml|yml|toml|json|ts|js)$/.test(basename(file)))
  .sort();

/** Certificates are read when an output is created; their contents matter when it connects. */
const tlsFolder = mkdtempSync(join(tmpdir(), 'healthd-examples-'));
const environment = {
  INFLUX_TOKEN: 'token',
  ELASTIC_API_KEY: 'secret',
  ELASTIC_PASSWORD: 'secret',
  GATEWAY_TOKEN: 'secret',
  HTTP_PASSWORD: 'secret',
  PROXY_PASSWORD: 'secret',
  HEARTBEAT_URL: 'https://heartbeat.example.org/ping/web-1',
  FUNCTION_TOKEN: 'secret',
  LOKI_PASSWORD: 'secret',
  LOKI_TOKEN: 'secret',
  GRAYLOG_TOKEN: 'secret',
  SCRAPE_PASSWORD: 'secret',
  SCRAPE_TOKEN: 'secret',
  ARCHIVE_PASSPHRASE: 'secret',
  ARCHIVE_PASSWORD: 'secret',
  KAFKA_PASSWORD: 'secret',
  MQTT_PASSWORD: 'secret',
  NATS_PASSWORD: 'secret',
  NATS_TOKEN: 'secret',
  OTLP_KEY: 'secret',
  INFLUX_PASSWORD: 'password',
  SLACK_WEBHOOK: 'https://hooks.slack.com/services/T/B/X',
  TEAMS_WEBHOOK: 'https://prod-1.westeurope.logic.azure.com/workflows/1?sig=x',
  SMTP_PASSWORD: 'password',
  PAGERDUTY_KEY: 'key',
  ALERTMANAGER_TOKEN: 'token',
  HOOK_TOKEN: 'token',
  HEALTHD_PASSWORD: 'correct horse battery',
  LISTENER_TOKEN: 'token',
  HOOK_SECRET: 'long enough',
  TLS_DIR: tlsFolder,
};

beforeAll(() => {
  for (const name of ['ca.pem', 'cert.pem', 'key.pem', 'known_hosts']) writeFileSync(join(tlsFolder, name), '');
});

afterAll(() => {
  rmSync(tlsFolder, { recursive: true });
});

/** Does not check file permissions, which depend on the user that runs the tests. */
const load = (file: string) =>
  loadConfig({ path: file, cwd: EXAMPLES, environment, registry: builtInPlugins, platform: 'linux', uid: undefined });

test('there are examples', () => {
  expect(files).toEqual(expect.arrayContaining(['full/healthd.yaml', 'minimal/healthd.yaml']));
});

test.each(files)('%s is valid, and each of its plugins can be created', async (file) => {
  const config = await load(file);
  expect(relative(EXAMPLES, config.files[0] ?? '')).toBe(file);
  const { inputs, processors, outputs, notifiers } = config;
  const entries: readonly PluginEntry<Plugin>[] = [...inputs, ...processors, ...outputs, ...notifiers];
  for (const { plugin, options } of entries) {
    const context = testContext({ platform: 'linux' });
    const instance = (await plugin.create(options, context)) as { stop?(): unknown };
    await instance.stop?.();
    context.close();
  }
});

/** Hosts that belong together have a folder each. */
test.each(files)('%s has a README beside it or in the folder around it', (file) => {
  const folder = join(EXAMPLES, file, '..');
  expect([
    ...readdirSync(folder),
    ...(join(folder, '..') === EXAMPLES ? [] : readdirSync(join(folder, '..'))),
  ]).toContain('README.md');
});

test('the Telegraf of examples/hub writes to the listener of its hub', async () => {
  const { inputs } = await load('hub/hub/healthd.yaml');
  const listener = inputs.find(({ plugin }) => plugin.name === 'influxdb_listener');
  const { outputs } = parseToml(readFileSync(join(EXAMPLES, 'hub/telegraf.conf'), 'utf8')) as unknown as Telegraf;
  const { port } = (listener?.options as { readonly listen: ListenAddress }).listen;
  const addresses = [...outputs.influxdb_v2.flatMap(({ urls }) => urls), ...outputs.heartbeat.map(({ url }) => url)];
  expect(addresses.map((address) => Number(new URL(address).port))).toEqual([port, port]);
});

describe('examples/full contains every option', () => {
  const written = async () => (await load('full/healthd.yaml')).written;

  test.each(Object.keys(SETTINGS) as SettingsSection[])('of the section %s', async (section) => {
    expect(missing(optionSchema(SETTINGS[section]), [(await written())[section]])).toEqual([]);
  });

  const plugins = Object.values(SECTIONS).flatMap((kind) =>
    builtInPlugins.names(kind).map((name) => [kind, name] as const),
  );
  test.each(plugins)('of the %s %s', async (kind, name) => {
    const { config } = await builtInPlugins.find(kind, name);
    const { entries } = await written();
    const own = entries.filter(({ plugin }) => plugin.kind === kind && plugin.name === name);
    expect(own).not.toEqual([]);
    expect(
      missing(
        optionSchema(config),
        own.map((entry) => entry.written.options),
      ),
    ).toEqual([]);
  });

  test.each(Object.values(SECTIONS))('that the host gives each %s', async (kind) => {
    const { entries } = await written();
    const values = entries
      .filter(({ plugin }) => plugin.kind === kind)
      .flatMap(({ plugin, written: { options } }) => {
        const own = optionNames(plugin.config);
        return [Object.fromEntries(Object.entries(options).filter(([key]) => !own.includes(key)))];
      });
    expect(missing(optionSchema(entrySchemas[kind]), values)).toEqual([]);
  });
});

/** Paths of options that none of the values has, nested ones included. */
function missing(schema: OptionSchema, values: readonly unknown[], path = ''): readonly string[] {
  // Routes within a route are like it.
  if (path === 'route.routes') return [];
  if (path === 'route') values = values.flatMap((route) => [route, ...(route as { routes: unknown[] }).routes]);
  return variants(schema).flatMap(({ properties = {}, items }) => {
    const inItems = items === undefined ? [] : missing(items, values.filter(Array.isArray).flat(), `${path}[]`);
    // One condition alone is like one of a list.
    const inProperties = Object.entries(path === 'rules[].and' ? {} : properties).flatMap(([key, option]) => {
      const inner = values.flatMap((value) => (isMapping(value) && key in value ? [value[key]] : []));
      const here = path === '' ? key : `${path}.${key}`;
      return inner.length === 0 ? [here] : missing(option, inner, here);
    });
    return [...inItems, ...inProperties];
  });
}

interface Telegraf {
  readonly outputs: {
    readonly influxdb_v2: readonly { readonly urls: readonly string[] }[];
    readonly heartbeat: readonly { readonly url: string }[];
  };
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
