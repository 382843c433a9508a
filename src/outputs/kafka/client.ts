/** A producer: finds the leaders of partitions, sends to them, and sorts out what each of them said. */
import { RetryableError, type Clock, type TlsMaterial } from '../../plugin/index.ts';
import type { Connection } from '../persistent-connection.ts';

import { Broker, type BrokerSettings } from './broker.ts';
import { lanesOf, settle, type Lane, type Outgoing } from './lanes.ts';
import type { Options } from './options.ts';
import type { Attempt } from './progress.ts';
import { isUsable, nameOf, ProtocolError } from './protocol/errors.ts';
import { encodeRecordBatch } from './protocol/record-batch.ts';
import { metadata, produce, type Metadata } from './protocol/requests.ts';
import { failureText, refusalText, type Waiting } from './verdict.ts';

export interface Client extends Connection {
  /** @throws RetryableError if the topic cannot be written to */
  probe(topic: string): Promise<void>;
  /**
   * Sends the messages of an attempt that have no outcome yet, and gives them one. If leaders have moved, or cannot be reached, asks
   * once who leads now.
   *
   * @param turn selects the partition of messages without a key
   * @throws RetryableError if some messages have to wait
   */
  send(records: readonly Outgoing[], attempt: Attempt, turn: number): Promise<void>;
}

export interface ClientSettings {
  /** Bootstrap broker, host:port. */
  readonly broker: string;
  readonly options: Options;
  /** Undefined: no TLS. */
  readonly tls: TlsMaterial | undefined;
  readonly clock: Clock;
}

/** New partitions are noticed after this time. */
const METADATA_AGE_MS = 300_000;

/** In which the in-sync replicas must have acknowledged. */
const REPLICA_TIMEOUT_MS = 30_000;

export function startClient(settings: ClientSettings): Client {
  const producer = new Producer(settings);
  return {
    opened: producer.open(),
    // Never aborts: a broker that closed an idle connection is connected to again.
    lost: new AbortController().signal,
    probe: (topic) => producer.probe(topic),
    send: (records, attempt, turn) => producer.send(records, attempt, turn),
    drop: () => {
      producer.drop();
    },
    close: () => {
      producer.drop();
      return Promise.resolve();
    },
  };
}

class Producer {
  readonly #settings: ClientSettings;
  readonly #brokerSettings: BrokerSettings;
  /** By host:port; also those that are connecting. */
  readonly #brokers = new Map<string, Broker>();
  #metadata: { readonly topics: string; readonly at: number; readonly found: Metadata } | undefined;
  #isDropped = false;

  constructor(settings: ClientSettings) {
    const { options, tls, clock } = settings;
    this.#settings = settings;
    this.#brokerSettings = { clientId: options.client_id, login: options.sasl, tls, clock };
  }

  async open(): Promise<void> {
    const { broker } = this.#settings;
    try {
      await this.#brokerAt(broker);
    } catch (error) {
      throw new RetryableError(refusalText(broker, error), { cause: error });
    }
  }

  async probe(name: string): Promise<void> {
    const { topics } = await this.#find([name]);
    const [topic] = topics;
    const code = topic?.error ?? 0;
    if (topic !== undefined && isUsable(code)) return;
    const waiting = { topic: name, partition: undefined, failure: new ProtocolError(nameOf(code)), address: '' };
    throw new RetryableError(failureText(this.#settings.broker, [waiting]));
  }

  async send(records: readonly Outgoing[], attempt: Attempt, turn: number): Promise<void> {
    const { broker } = this.#settings;
    let waiting = await this.#distribute(records, attempt, turn);
    const unreachable = unreachableOf(waiting);
    if (!unreachable.has(broker) && (unreachable.size > 0 || waiting.some(hasMoved))) {
      this.#metadata = undefined;
      const left = records.filter(({ message }) => !attempt.outcomes.has(message));
      waiting = await this.#distribute(left, attempt, turn, unreachable);
    }
    if (waiting.length === 0) return;
    const left = attempt.open.length;
    throw new RetryableError(`${failureText(broker, waiting)}; ${left} of ${records.length} lines wait`);
  }

  /** @returns what has to wait */
  async #distribute(
    records: readonly Outgoing[],
    attempt: Attempt,
    turn: number,
    unreachable: ReadonlyMap<string, unknown> = new Map(),
  ): Promise<readonly Waiting[]> {
    const metadata = await this.#find([...new Set(records.map(({ message }) => message.topic))]);
    const lanes = lanesOf(records, { metadata, turn, maxBytes: this.#settings.options.max_message_bytes });
    for (const lane of lanes) lane.failure ??= unreachable.get(lane.address);
    for (let open = lanes.filter(isOpen); open.length > 0; open = open.filter(isOpen)) {
      await Promise.all([...byAddress(open)].map(([address, group]) => this.#produce(address, group, attempt)));
    }
    return lanes.filter(({ failure }) => failure !== undefined);
  }

  drop(): void {
    this.#isDropped = true;
    for (const broker of this.#brokers.values()) broker.drop(new Error('the connection was dropped'));
  }

  /** Sends the first chunk of each lane in one request. */
  async #produce(address: string, lanes: readonly Lane[], attempt: Attempt): Promise<void> {
    const { required_acks: acks, compression } = this.#settings.options;
    try {
      const broker = await this.#brokerAt(address);
      const batches = await Promise.all(
        lanes.map(async ({ topic, partition = 0, chunks: [first = []] }) => {
          return { topic, partition, batch: await encodeRecordBatch(first, compression) };
        }),
      );
      const settings = { acks, timeout: REPLICA_TIMEOUT_MS, versions: broker.versions };
      const answers = await broker.request(produce(batches, settings));
      for (const lane of lanes) {
        const answer = answers.find(({ topic, partition }) => topic === lane.topic && partition === lane.partition);
        if (answer === undefined) lane.failure = new Error('did not answer for the partition');
        else settle(lane, answer, attempt);
      }
    } catch (error) {
      for (const lane of lanes) lane.failure = error;
    }
  }

  async #find(topics: readonly string[]): Promise<Metadata> {
    const { broker, clock } = this.#settings;
    const now = clock.elapsed();
    const names = topics.join(' ');
    if (this.#metadata?.topics === names && now - this.#metadata.at < METADATA_AGE_MS) return this.#metadata.found;
    try {
      const bootstrap = await this.#brokerAt(broker);
      const found = await bootstrap.request(metadata(topics, bootstrap.versions));
      this.#metadata = { topics: names, at: now, found };
      return found;
    } catch (error) {
      throw new RetryableError(refusalText(broker, error), { cause: error });
    }
  }

  async #brokerAt(address: string): Promise<Broker> {
    const current = this.#brokers.get(address);
    if (current?.isUsable === true) return current;
    current?.drop(new Error('the connection has expired'));
    if (this.#isDropped) throw new Error('the connection was dropped');
    const broker = new Broker(address, this.#brokerSettings);
    this.#brokers.set(address, broker);
    try {
      await broker.open();
    } catch (error) {
      broker.drop(error as Error);
      throw error;
    }
    return broker;
  }
}

function hasMoved({ failure }: Waiting): boolean {
  return failure instanceof ProtocolError && failure.type === 'NOT_LEADER_OR_FOLLOWER';
}

/** host:port → why the connection failed. */
function unreachableOf(waiting: readonly Waiting[]): ReadonlyMap<string, unknown> {
  return new Map(
    waiting
      .filter(({ failure }) => !(failure instanceof ProtocolError))
      .map(({ address, failure }) => [address, failure]),
  );
}

function isOpen({ chunks, failure }: Lane): boolean {
  return failure === undefined && chunks.length > 0;
}

function byAddress(lanes: readonly Lane[]): ReadonlyMap<string, readonly Lane[]> {
  const groups = new Map<string, Lane[]>();
  for (const lane of lanes) {
    const group = groups.get(lane.address);
    if (group === undefined) groups.set(lane.address, [lane]);
    else group.push(lane);
  }
  return groups;
}
