import {
  PartialWriteError,
  PermanentError,
  type Metric,
  type Output,
  type PluginContext,
  type TlsMaterial,
} from '../../plugin/index.ts';
import { HttpDestination } from '../http-destination.ts';

import type { Options } from './options.ts';
import { SeriesTable, type Series } from './series-table.ts';
import { OutOfBoundsError, sendWithoutTooOld } from './too-old.ts';
import { verdict } from './verdict.ts';
import { WriteRequestEncoder } from './write-request.ts';

const PROTOCOL = {
  'content-type': 'application/x-protobuf',
  'content-encoding': 'snappy',
  'x-prometheus-remote-write-version': '0.1.0',
};

/** Names whose metadata is known to be there; more than any host has. */
const MAX_NAMES = 20_000;

/** @throws if a certificate or key cannot be read */
export async function createOutput(options: Options, context: PluginContext): Promise<Output> {
  // A CommonJS module: in a bundle it has nothing but its default.
  const { default: snappy } = await import('snappyjs');
  const table = new SeriesTable(context);
  const encoder = new WriteRequestEncoder();
  const told = new Set<string>();
  const post = createSender(options, await context.readTls(options.tls), context);

  async function send(metrics: Iterable<Metric>, signal: AbortSignal): Promise<void> {
    const series = table.group(metrics);
    if (series.length === 0) return;
    const news = options.metadata ? untold(series, told) : new Map<string, Series>();
    await post(snappy.compress(encoder.encode(series, news.values())), signal);
    if (told.size + news.size > MAX_NAMES) told.clear();
    for (const name of news.keys()) told.add(name);
  }

  return {
    async connect(signal) {
      try {
        await post(snappy.compress(encoder.encode([], [])), signal);
      } catch (error) {
        // A server that misses samples has accepted address and credentials.
        if (!(error instanceof PermanentError)) throw error;
      }
    },
    async write(batch, signal) {
      signal.throwIfAborted();
      const metrics = [...batch.metrics()];
      try {
        await send(metrics, signal);
      } catch (error) {
        if (!(error instanceof OutOfBoundsError)) throw error;
        const refused = await sendWithoutTooOld(metrics, error, (some) => send(some, signal));
        if (refused.length > 0) throw new PartialWriteError(error.message, refused);
      }
    },
  };
}

/** By name, one series of each that says something. */
function untold(series: readonly Series[], told: ReadonlySet<string>): ReadonlyMap<string, Series> {
  const says = ({ type, help }: Series) => type !== 'untyped' || help !== '';
  return new Map(series.filter((each) => !told.has(each.name) && says(each)).map((each) => [each.name, each]));
}

/** @throws what the answer means, or a RetryableError when there is none */
function createSender(
  options: Options,
  tls: TlsMaterial,
  context: PluginContext,
): (body: Uint8Array, signal: AbortSignal) => Promise<void> {
  const destination = new HttpDestination(
    {
      url: options.url,
      credentials: options,
      tls,
      credentialOptions: 'username and password, bearer_token or headers',
      notFound:
        'takes no remote write at this path; Prometheus needs --web.enable-remote-write-receiver, else correct url',
    },
    context,
  );
  return async (body, signal) => {
    const failure = verdict(await destination.send({ headers: PROTOCOL, body }, signal), destination);
    if (failure !== undefined) throw failure;
  };
}
