import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { findBinary, startServer, type Requirement } from './real-server.ts';

/** The broker that librdkafka has for its own tests, in the command-line client that is built on it. */
export const KAFKA: Requirement = { binary: 'kcat', package: 'kafkacat' };

export interface KafkaBroker {
  readonly pid: number;
  readonly address: string;
  /** Everything in a topic that exists, as a consumer gets it; the form is kcat's, `%s` for the payload. */
  read(topic: string, form?: string): Promise<string>;
  stop(): Promise<void>;
}

/** Topics come into being when somebody asks for them, with four partitions. Without TLS and without credentials. */
export async function startKafkaBroker(): Promise<KafkaBroker> {
  let address = '';
  const mock = ['-X', 'test.mock.num.brokers=1'];
  const server = await startServer({
    command: KAFKA.binary,
    // Consuming keeps the process alive; its own messages are those of a topic that stays empty.
    args: ['-b', 'replaced-by-the-mock', '-C', '-q', '-t', 'kept-alive', ...mock],
    ready: (output) => {
      address = /replaced with (\S+:\d+)\n/.exec(output)?.[1] ?? '';
      return address !== '';
    },
  });
  const run = promisify(execFile);
  return {
    pid: server.pid,
    address,
    read: async (topic, form = '%s') => {
      const reading = ['-C', '-e', '-q', '-t', topic, '-f', form, '-X', 'fetch.wait.max.ms=10'];
      const { stdout } = await run(findBinary(KAFKA.binary) ?? '', ['-b', address, ...reading], { timeout: 10_000 });
      return stdout;
    },
    stop: () => server.stop(),
  };
}
