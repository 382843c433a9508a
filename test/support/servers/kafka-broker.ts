import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { findBinary, startServer, type Requirement } from './real-server.ts';

/** librdkafka's mock broker, which its command-line client kcat includes. */
export const KAFKA: Requirement = { binary: 'kcat', package: 'kafkacat' };

export interface KafkaBroker {
  readonly pid: number;
  readonly address: string;
  /** Consumes everything in an existing topic; the format is kcat's, `%s` is the payload. */
  read(topic: string, form?: string): Promise<string>;
  stop(): Promise<void>;
}

/** Creates topics on request, with four partitions. No TLS, no credentials. */
export async function startKafkaBroker(): Promise<KafkaBroker> {
  let address = '';
  const mock = ['-X', 'test.mock.num.brokers=1'];
  const server = await startServer({
    command: KAFKA.binary,
    // Consuming keeps the process alive; this topic stays empty.
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
