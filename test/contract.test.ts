/** Every built-in plugin fulfils the contract of its kind, and every plugin folder is registered. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describe, expect, test } from '@jest/globals';

import { notifiers } from '../src/notifiers/index.ts';
import { outputs } from '../src/outputs/index.ts';
import { inputs } from '../src/plugins/index.ts';
import { processors } from '../src/processors/index.ts';
import type { Metric } from '../src/plugin/index.ts';

import { inputContract } from './contract/input-contract.ts';
import { outputContract, type Destination } from './contract/output-contract.ts';
import { pluginContract, type LoadPlugin } from './contract/plugin-contract.ts';
import { processorContract, type ProcessorContractOptions } from './contract/processor-contract.ts';

const SOURCE = join(import.meta.dirname, '..', 'src');

const KINDS = { plugins: inputs, processors, outputs, notifiers } as const;

const CPU: Metric = {
  name: 'cpu',
  tags: { cpu: 'cpu0', host: 'a' },
  fields: { usage_idle: 99.5, usage_user: 0.25, n: 3n },
  time: 1_700_000_000_000_000_000n,
};

/** The minimum options of plugins that require some. */
const REQUIRED: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'plugins/exec': { commands: [['echo', 'example value=1']] },
  'plugins/win_perf_counters': {
    objects: [{ class: 'Win32_PerfRawData_PerfOS_Processor', properties: ['PercentProcessorTime'] }],
  },
  'plugins/prometheus': { urls: ['http://127.0.0.1:9100/metrics'] },
  'notifiers/alertmanager': { url: 'http://127.0.0.1:9093' },
  'notifiers/email': { smtp: 'smtp://127.0.0.1', from: 'healthd@example.org', to: ['ops@example.org'] },
  'notifiers/exec': { command: ['true'] },
  'notifiers/pagerduty': { routing_key: 'key' },
  'notifiers/slack': { url: 'https://hooks.slack.com/services/T/B/X' },
  'notifiers/teams': { url: 'https://prod-1.westeurope.logic.azure.com/workflows/1?sig=x' },
  'notifiers/webhook': { url: 'http://127.0.0.1:9095' },
  'outputs/file': { path: 'metrics.lp' },
  'outputs/graphite': { address: 'tcp://127.0.0.1:2003' },
  'outputs/graylog': { address: 'tcp://127.0.0.1:12201' },
  'outputs/http': { url: 'http://127.0.0.1:8080/telegraf' },
  'outputs/influxdb': { url: 'http://127.0.0.1:8086', database: 'telegraf' },
  'outputs/kafka': { brokers: ['127.0.0.1:9092'] },
  'outputs/logstash': { address: '127.0.0.1:5000' },
  'outputs/mqtt': { servers: ['mqtt://127.0.0.1:1883'] },
  'outputs/nats': { servers: ['nats://127.0.0.1:4222'] },
  'outputs/prometheus_remote_write': { url: 'http://127.0.0.1:9090/api/v1/write' },
  'outputs/sftp': {
    host: 'backup.example.org',
    username: 'healthd',
    password: 'secret',
    host_key: ['SHA256:uNiVztksCsDhcc0u9e8BrrJXVGDTJyvn6GVUm4Wx4RE'],
    remote_path: 'metrics',
    local_path: '/var/lib/healthd/sftp',
  },
  'outputs/syslog': { address: 'tcp://127.0.0.1:514' },
  'processors/rename': { replace: [{ tag: 'host', dest: 'server' }] },
};

/** Inputs of services that may be absent, inputs that listen, and inputs that only wait for events; their own tests cover gathering. */
const WITHOUT_SERVICE = new Set([
  'agent_log',
  'docker',
  'influxdb_listener',
  'opentelemetry',
  'prometheus',
  'prometheus_remote_write',
  // Of Windows.
  'win_eventlog',
  'win_perf_counters',
  'win_services',
]);

/** Inputs whose measurements are named by their source. */
const OPEN = new Set(['exec', 'influxdb_listener', 'opentelemetry', 'win_perf_counters']);

/** A virtual machine has no sensors and may have no disks or swap; a test has no agent to report on, and no hosts. */
const MAY_BE_SILENT = new Set(['alerts', 'diskio', 'fleet', 'internal', 'swap', 'temp']);

const PROCESSING: Readonly<Record<string, ProcessorContractOptions>> = {
  aggregate: { options: {}, changes: CPU, passes: { ...CPU, fields: { state: 'up' } } },
  rename: {
    options: { replace: [{ tag: 'cpu', dest: 'core' }] },
    changes: CPU,
    passes: { ...CPU, tags: { host: 'a' } },
  },
  tags: {
    options: { add: { dc: 'fra1' }, remove: ['cpu'] },
    changes: CPU,
    passes: { ...CPU, tags: { dc: 'fra1', host: 'a' } },
  },
};

/** Outputs to servers run the same contract in their own tests. */
const DESTINATIONS: Readonly<Record<string, () => Destination>> = {
  console: captureStandardOutput,
  discard: () => ({ options: {}, received: () => undefined, close() {} }),
  file: openFolder,
};

for (const [folder, builtIns] of Object.entries(KINDS)) {
  test(`every folder of src/${folder} is registered, and every registered name has a folder`, () => {
    const folders = readdirSync(join(SOURCE, folder), { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && existsSync(join(entry.parentPath, entry.name, 'index.ts')))
      .map(({ name }) => name);
    expect(Object.keys(builtIns).sort()).toEqual(folders.sort());
  });

  const markers = folder === 'plugins' ? ['options', 'metrics'] : ['options'];
  for (const [name, load] of Object.entries<LoadPlugin>(builtIns)) {
    const path = `${folder}/${name}`;
    describe(path, () => {
      pluginContract(load, { name, folder: join(SOURCE, path), required: REQUIRED[path] ?? {}, markers });
    });
  }
}

for (const [name, load] of Object.entries(inputs)) {
  describe(`input ${name}`, () => {
    inputContract(load, {
      options: REQUIRED[`plugins/${name}`] ?? {},
      gathers: !WITHOUT_SERVICE.has(name),
      isOpen: OPEN.has(name),
      mayBeSilent: MAY_BE_SILENT.has(name),
    });
  });
}

test('every processor has an example for its contract', () => {
  expect(Object.keys(PROCESSING).sort()).toEqual(Object.keys(processors).sort());
});

for (const [name, options] of Object.entries(PROCESSING)) {
  describe(`processor ${name}`, () => {
    processorContract(processors[name]!, options);
  });
}

test.each(Object.keys(outputs).filter((name) => !(name in DESTINATIONS)))(
  'the output %s runs the contract suite in its own tests',
  (name) => {
    const folder = join(import.meta.dirname, 'outputs', name);
    const tests = readdirSync(folder).map((file) => readFileSync(join(folder, file), 'utf8'));
    expect(tests.filter((text) => text.includes(' outputContract('))).not.toEqual([]);
  },
);

for (const [name, open] of Object.entries(DESTINATIONS)) {
  describe(`output ${name}`, () => {
    outputContract(outputs[name]!, open);
  });
}

function openFolder(): Destination {
  const folder = mkdtempSync(join(tmpdir(), 'healthd-contract-'));
  const path = join(folder, 'made', 'metrics.lp');
  return {
    options: { path },
    received: () => (existsSync(path) ? readFileSync(path) : Buffer.alloc(0)),
    close: () => {
      rmSync(folder, { recursive: true });
    },
  };
}

/** Captures standard output until closed. */
function captureStandardOutput(): Destination {
  const chunks: Buffer[] = [];
  const original = Object.getOwnPropertyDescriptor(process.stdout, 'write');
  const write = (data: Uint8Array | string, done: () => void) => {
    chunks.push(Buffer.from(data as Uint8Array));
    done();
    return true;
  };
  process.stdout.write = write as typeof process.stdout.write;
  return {
    options: { format: 'influx' },
    received: () => Buffer.concat(chunks),
    close: () => {
      if (original === undefined) Reflect.deleteProperty(process.stdout, 'write');
      else Object.defineProperty(process.stdout, 'write', original);
    },
  };
}
