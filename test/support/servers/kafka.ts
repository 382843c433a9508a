/** Apache Kafka in KRaft mode: broker 1, which is also the controller, and on request a second broker. */
import { execFile } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { selfSigned } from '../kit/certificate.ts';
import { installedFolder, QUICK_START } from './installed-server.ts';
import { findBinary, freePort, serverFolder, startServer, type RunningServer } from './real-server.ts';

const run = promisify(execFile);

export const CREDENTIALS = { username: 'healthd', password: 'right-password' };

const CLUSTER = '4L6g3nShT-eMCtK--X86sw';

/** `message.max.bytes`. */
export const MAX_BATCH_BYTES = 100_000;

export interface Kafka {
  /** host:port of the listeners: plain, with SASL (PLAIN and SCRAM-SHA-512), with TLS, and with SASL over TLS. */
  readonly plain: string;
  readonly sasl: string;
  readonly tls: string;
  /** File of the certificate that the TLS listener has. */
  readonly certificate: string;
  /** Starts broker 2, or starts it again with its data. New topics are spread over both. */
  startSecond(): Promise<RunningServer>;
  /** Partition → its leader, -1 for none. */
  leaders(topic: string): Promise<ReadonlyMap<number, number>>;
  /** Consumes all partitions, which must have a leader; the format is kcat's, `%s` is the payload. */
  read(topic: string, form?: string): Promise<string>;
  /** Sends a message for each key, with librdkafka and one of its partitioners. */
  produce(topic: string, partitioner: string, keys: readonly string[]): Promise<void>;
  stop(): Promise<void>;
}

/** Creates topics on request, with four partitions. */
export async function startKafka(): Promise<Kafka> {
  const folder = serverFolder('kafka');
  const [plain, sasl, tls, controller] = [await freePort(), await freePort(), await freePort(), await freePort()];
  const certificate = await selfSigned();
  const files = { certificate: join(folder.path, 'cert.pem'), keys: join(folder.path, 'keys.pem') };
  writeFileSync(files.certificate, certificate.cert);
  writeFileSync(files.keys, certificate.key + certificate.cert);
  const listeners = [`PLAIN://127.0.0.1:${plain}`, `SASL://127.0.0.1:${sasl}`, `TLS://127.0.0.1:${tls}`];
  const addUser = `SCRAM-SHA-512=[name=${CREDENTIALS.username},password=${CREDENTIALS.password}]`;
  const first = await startBroker(
    {
      ...common(join(folder.path, '1'), controller),
      'process.roles': 'broker,controller',
      'node.id': '1',
      listeners: [...listeners, `CONTROLLER://127.0.0.1:${controller}`].join(','),
      'advertised.listeners': listeners.join(','),
      'ssl.keystore.type': 'PEM',
      'ssl.keystore.location': files.keys,
    },
    ['--add-scram', addUser],
  );
  const running: RunningServer[] = [first];
  const address = `127.0.0.1:${plain}`;
  const kcat = async (...args: readonly string[]) =>
    (await run(findBinary('kcat') ?? 'kcat', ['-b', address, ...args], { timeout: 10_000 })).stdout;
  const leaders = async (topic: string) => {
    const found = (await kcat('-L', '-t', topic)).matchAll(/partition (\d+), leader (-?\d+)/g);
    return new Map([...found].map(([, partition, leader]) => [Number(partition), Number(leader)]));
  };
  return {
    plain: address,
    sasl: `127.0.0.1:${sasl}`,
    tls: `127.0.0.1:${tls}`,
    certificate: files.certificate,
    startSecond: async () => {
      const port = await freePort();
      const second = await startBroker({
        ...common(join(folder.path, '2'), controller),
        'process.roles': 'broker',
        'node.id': '2',
        listeners: `PLAIN://127.0.0.1:${port}`,
      });
      running.push(second);
      return second;
    },
    leaders,
    read: (topic, form = '%s') => kcat('-C', '-e', '-q', '-o', 'beginning', '-t', topic, '-f', form),
    produce: async (topic, partitioner, keys) => {
      const file = join(folder.path, 'messages');
      writeFileSync(file, keys.map((key) => `${key}|x\n`).join(''));
      await kcat('-P', '-t', topic, '-X', `topic.partitioner=${partitioner}`, '-K', '|', '-l', file);
    },
    stop: async () => {
      // The controller last: without it a broker cannot leave.
      for (const server of running.reverse()) await server.stop();
      folder.remove();
    },
  };
}

function common(folder: string, controller: number): Readonly<Record<string, string>> {
  const plainModule = 'org.apache.kafka.common.security.plain.PlainLoginModule';
  const scramModule = 'org.apache.kafka.common.security.scram.ScramLoginModule';
  return {
    'log.dirs': folder,
    'controller.quorum.voters': `1@127.0.0.1:${controller}`,
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAIN',
    'listener.security.protocol.map': 'CONTROLLER:PLAINTEXT,PLAIN:PLAINTEXT,SASL:SASL_PLAINTEXT,TLS:SSL',
    'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-512',
    'listener.name.sasl.plain.sasl.jaas.config': `${plainModule} required user_${CREDENTIALS.username}="${CREDENTIALS.password}";`,
    'listener.name.sasl.scram-sha-512.sasl.jaas.config': `${scramModule} required;`,
    'num.partitions': '4',
    'auto.create.topics.enable': 'true',
    'offsets.topic.replication.factor': '1',
    'broker.session.timeout.ms': '6000',
    'broker.heartbeat.interval.ms': '500',
    'message.max.bytes': String(MAX_BATCH_BYTES),
    // The times of lines in tests are those of 1970: half a minute after its start a broker would begin to delete them.
    'log.retention.ms': '-1',
    'connections.max.idle.ms': '2000',
    'listener.name.sasl.plain.connections.max.reauth.ms': '1500',
  };
}

async function startBroker(
  settings: Readonly<Record<string, string>>,
  formatOptions: readonly string[] = [],
): Promise<RunningServer> {
  const config = `${settings['log.dirs'] ?? ''}.properties`;
  const text = Object.entries(settings).map(([name, value]) => `${name}=${value}\n`);
  writeFileSync(config, text.join(''));
  const java = findBinary('java') ?? 'java';
  const classes = ['-cp', join(installedFolder('kafka'), 'lib', '*')];
  const format = ['format', '--cluster-id', CLUSTER, '--config', config, ...formatOptions];
  if (!existsSync(join(settings['log.dirs'] ?? '', 'meta.properties')))
    await run(java, ['-Xmx128m', ...QUICK_START, ...classes, 'kafka.tools.StorageTool', ...format]);
  const [, host = '', port = ''] = /^PLAIN:\/\/([^:]+):(\d+)/.exec(settings['listeners'] ?? '') ?? [];
  const list = ['-L', '-b', `${host}:${port}`, '-m', '2'];
  return startServer({
    command: 'java',
    args: ['-Xmx320m', ...QUICK_START, ...classes, 'kafka.Kafka', config],
    ready: async () =>
      (await run(findBinary('kcat') ?? 'kcat', list)).stdout.includes(`broker ${settings['node.id'] ?? ''} at`),
    timeout: 60_000,
  });
}
