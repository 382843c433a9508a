import {
  PartialWriteError,
  PermanentError,
  type Metric,
  type Output,
  type PluginContext,
  type TlsMaterial,
} from '../../plugin/index.ts';
import { HttpDestination } from '../http-destination.ts';
import { hiddenLog } from '../prometheus-names.ts';

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

/** Maximum number of names whose metadata is remembered as sent; more than any host has. */
const MAX_NAMES = 20_000;

/** @throws if a certificate or key cannot be read */
export async function createOutput(options: Options, context: PluginContext): Promise<Output> {
  // A CommonJS module: in a bundle it has only a default export.
  const { default: snappy } = await import('snappyjs');
  const table = new SeriesTable({ describe: context.describe, onHidden: hiddenLog(context.log) });
  const encoder = new WriteRequestEncoder();
  const described = new Set<string>();
  const post = createSender(options, await context.readTls(options.tls), context);

  async function send(metrics: Iterable<Metric>, signal: AbortSignal): Promise<void> {
    const series = table.group(metrics);
    if (series.length === 0) return;
    const added = options.metadata ? undescribed(series, described) : new Map<string, Series>();
    await post(snappy.compress(encoder.encode(series, added.values())), signal);
    if (described.size + added.size > MAX_NAMES) described.clear();
    for (const name of added.keys()) described.add(name);
  }

  return {
    async connect(signal) {
      try {
        await post(snappy.compress(encoder.encode([], [])), signal);
      } catch (error) {
        // An error about missing samples means that address and credentials are right.
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

/** Name → one of its series, for names with metadata that has not been sent yet. */
function undescribed(series: readonly Series[], described: ReadonlySet<string>): ReadonlyMap<string, Series> {
  const hasMetadata = ({ type, help }: Series) => type !== 'untyped' || help !== '';
  return new Map(
    series.filter((each) => !described.has(each.name) && hasMetadata(each)).map((each) => [each.name, each]),
  );
}

/** @throws the verdict on the response, or a RetryableError if none arrives */
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
      proxy: options.proxy,
      credentialOptions: 'username and password, bearer_token or headers',
      notFound:
        'does not accept remote write at this path; start Prometheus with --web.enable-remote-write-receiver, or correct url',
    },
    context,
  );
  return async (body, signal) => {
    const failure = verdict(await destination.send({ headers: PROTOCOL, body }, signal), destination);
    if (failure !== undefined) throw failure;
  };
}
