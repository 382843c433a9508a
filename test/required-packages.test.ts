/** The packages that healthd is built on are on the live path: where one is broken, its feature is. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describe, expect, jest, test } from '@jest/globals';

import { testBatch } from './support/kit/batch.ts';
import { openOutput } from './support/kit/open-output.ts';

/** A function or class of a package, broken. */
function broken(name: string) {
  return function fail(): never {
    throw new Error(`${name} is broken`);
  };
}

jest.unstable_mockModule('@influxdata/influxdb-client', () => ({
  InfluxDB: broken('@influxdata/influxdb-client'),
  setLogger: () => undefined,
}));
jest.unstable_mockModule('systeminformation', () => ({ default: { mem: broken('systeminformation') } }));
jest.unstable_mockModule('dockerode', () => ({ default: broken('dockerode') }));
jest.unstable_mockModule('cosmiconfig/dist/Explorer.js', () => ({ Explorer: broken('cosmiconfig') }));
jest.unstable_mockModule('nodemailer', () => ({ createTransport: broken('nodemailer') }));
jest.unstable_mockModule('@slack/webhook', () => ({ default: { IncomingWebhook: broken('@slack/webhook') } }));
jest.unstable_mockModule('winston', () => ({ default: { createLogger: broken('winston') } }));

/** Package → its feature. */
const FEATURES: Readonly<Record<string, () => Promise<unknown>>> = {
  '@influxdata/influxdb-client': async () => {
    const { influxdb } = await import('../src/outputs/influxdb/index.ts');
    const output = await openOutput(influxdb, { url: 'http://127.0.0.1:9', database: 'd' });
    throw (await output.write(testBatch(['m v=1 1']))) ?? new Error('the write succeeded');
  },
  systeminformation: async () => (await import('../src/plugins/mem/portable.ts')).readPortable(),
  dockerode: async () => {
    const { docker } = await import('../src/plugins/docker/index.ts');
    const { testInput } = await import('../src/testing.ts');
    const { gather } = await testInput(docker, { endpoint: 'tcp://127.0.0.1:9' });
    throw (await gather()).errors[0] ?? new Error('the gather succeeded');
  },
  cosmiconfig: async () => {
    const { findConfig } = await import('../src/config/find.ts');
    const cwd = mkdtempSync(join(tmpdir(), 'healthd-required-'));
    writeFileSync(join(cwd, 'healthd.yaml'), 'inputs: [cpu]\n');
    try {
      await findConfig({ cwd, environment: {}, platform: 'linux', owners: undefined });
    } finally {
      rmSync(cwd, { recursive: true });
    }
  },
  nodemailer: async () => {
    const { email } = await import('../src/notifiers/email/index.ts');
    const { testNotifier } = await import('../src/testing.ts');
    await testNotifier(email, { smtp: 'smtp://127.0.0.1:9', from: 'a@example.org', to: ['b@example.org'] });
  },
  '@slack/webhook': async () => {
    const { slack } = await import('../src/notifiers/slack/index.ts');
    const { testNotifier } = await import('../src/testing.ts');
    await (await testNotifier(slack, { url: 'http://127.0.0.1:9/x' })).notify();
  },
  winston: async () => {
    const { openWinston } = await import('../src/logging/winston.ts');
    openWinston({
      settings: { level: 'info', format: 'text', levels: {} },
      stream: process.stderr,
      now: () => 0,
    } as never);
  },
};

describe.each(Object.keys(FEATURES))('%s', (name) => {
  test('is a dependency, and its feature uses it', async () => {
    const { dependencies } = JSON.parse(readFileSync(join(import.meta.dirname, '../package.json'), 'utf8')) as {
      readonly dependencies: Readonly<Record<string, string>>;
    };
    expect(dependencies).toHaveProperty([name]);
    await expect(FEATURES[name]?.()).rejects.toThrow(`${name} is broken`);
  });
});
