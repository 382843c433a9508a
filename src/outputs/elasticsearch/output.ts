import { PermanentError, type Output, type PluginContext } from '../../plugin/index.ts';
import { encodeBody, HttpDestination } from '../http-destination.ts';

import { bulkBody, bulkPath, bulkVerdict, maxAnswerBytes } from './bulk.ts';
import { Cluster } from './cluster.ts';
import { indexNamer } from './index-name.ts';
import { givenName, type Options } from './options.ts';
import { askProduct, prepare } from './setup.ts';

const DEFAULT_URL = 'http://localhost:9200';

/** @throws if a certificate or key cannot be read */
export async function createOutput(options: Options, context: PluginContext): Promise<Output> {
  const cluster = await openCluster(options, context);
  const indexOf = indexNamer(givenName(options), options.default_tag_value);
  const path = bulkPath(options.pipeline);
  let isPrepared = !options.manage_template;
  const prepareOnce = async (signal: AbortSignal) => {
    if (isPrepared) return;
    await prepare({ cluster, options, log: context.log }, signal);
    isPrepared = true;
  };
  return {
    async connect(signal) {
      await askProduct(cluster, signal);
      await prepareOnce(signal);
    },
    async write(batch, signal) {
      signal.throwIfAborted();
      await prepareOnce(signal);
      const metrics = [...batch.metrics()];
      if (metrics.length < batch.size)
        throw new PermanentError('A line cannot be parsed, so it cannot be stored as a document');
      const { body, headers } = await encodeBody(bulkBody(metrics, indexOf), options.content_encoding);
      const request = {
        path,
        body,
        headers: { 'content-type': 'application/x-ndjson', ...headers },
        maxAnswerBytes: maxAnswerBytes(batch.size),
      };
      const failure = bulkVerdict(await cluster.send(request, signal), batch.size);
      if (failure !== undefined) throw failure;
    },
  };
}

async function openCluster(options: Options, context: PluginContext): Promise<Cluster> {
  const { api_key, headers } = options;
  const tls = await context.readTls(options.tls);
  const credentials =
    api_key === undefined ? options : { ...options, headers: { ...headers, authorization: `ApiKey ${api_key}` } };
  const open = (url: string) =>
    new HttpDestination(
      {
        url,
        credentials,
        tls,
        proxy: options.proxy,
        credentialOptions: 'api_key, or username and password',
        notFound: 'is not Elasticsearch; check url',
      },
      context,
    );
  const [first = options.url ?? DEFAULT_URL, ...others] = options.urls ?? [];
  return new Cluster([open(first), ...others.map(open)], context.log);
}
