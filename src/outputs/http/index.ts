import {
  CONTENT_TYPES,
  defineOutput,
  encodeBatch,
  FORMATS,
  formatHeader,
  isWebPage,
  PermanentError,
  TIMESTAMP_UNITS,
  z,
  type Batch,
  type HttpAnswer,
} from '../../plugin/index.ts';
import {
  checkCredentials,
  contentEncoding,
  encodeBody,
  HttpDestination,
  httpOptions,
  httpUrl,
  type SentRequest,
} from '../http-destination.ts';

const CREDENTIAL_STATUSES = [401, 407];

const statuses = () => z.array(z.number().int().min(200).max(599));

const schema = z
  .strictObject({
    url: httpUrl()
      .describe('URL that receives the batches; may contain user name and password')
      .meta({ examples: ['https://metrics.example.org/ingest'] }),
    method: z.enum(['POST', 'PUT', 'PATCH']).default('POST').describe('HTTP method'),
    format: z
      .enum(FORMATS)
      .default('influx')
      .describe('influx: line protocol; json: one object per metric; csv: one row per field'),
    timestamp_units: z
      .enum(TIMESTAMP_UNITS)
      .default('1s')
      .describe('Precision of timestamps in json and csv; influx is always in nanoseconds'),
    json_layout: z
      .enum(['lines', 'array'])
      .default('lines')
      .describe('Layout of json: one object per line, or an array of objects'),
    content_encoding: contentEncoding('identity'),
    ...httpOptions,
    success_statuscodes: statuses().default([]).describe('Status codes that count as success; empty: 200 to 299'),
    non_retryable_statuscodes: statuses()
      .default([400, 409, 422])
      .describe(
        'Status codes that reject lines permanently: the rejected lines are isolated and become dead letters. A web page never rejects lines, since it comes from a proxy',
      ),
  })
  .superRefine(checkCredentials);

type Options = z.output<typeof schema>;

/** Posts metrics to any HTTP service. */
export const http = defineOutput({
  name: 'http',
  summary: 'Any HTTP service; the body is line protocol, JSON or CSV',
  config: schema,
  async create(options, context) {
    const { url } = options;
    const destination = new HttpDestination(
      {
        url,
        credentials: options,
        tls: await context.readTls(options.tls),
        proxy: options.proxy,
        credentialOptions: 'username and password, bearer_token or headers',
        notFound: 'has nothing at this path; check url',
      },
      context,
    );
    return {
      async connect(signal) {
        const answer = await destination.send({ method: 'HEAD' }, signal);
        // Many services do not implement HEAD; only a rejection of the credentials would also apply to a batch.
        const failure = CREDENTIAL_STATUSES.includes(answer.status) ? destination.refusal(answer) : undefined;
        if (failure !== undefined) throw failure;
      },
      async write(batch, signal) {
        signal.throwIfAborted();
        const answer = await destination.send(await requestOf(batch, options), signal);
        const failure = failureOf(answer, destination, options);
        if (failure !== undefined) throw failure;
      },
    };
  },
});

async function requestOf(batch: Batch, options: Options): Promise<SentRequest> {
  const { method, format, json_layout, content_encoding } = options;
  const isPacked = format === 'influx' && content_encoding === 'gzip';
  const { body, headers } = isPacked
    ? { body: await batch.gzip(), headers: { 'content-encoding': 'gzip' } }
    : await encodeBody(textOf(batch, options), content_encoding);
  const isArray = format === 'json' && json_layout === 'array';
  const type = isArray ? 'application/json' : CONTENT_TYPES[format];
  return { method, headers: { 'content-type': type, ...headers }, body };
}

function textOf(batch: Batch, { format, timestamp_units, json_layout }: Options): string | Uint8Array {
  const lines = encodeBatch(batch, format, timestamp_units);
  if (format === 'csv') return Buffer.concat([Buffer.from(formatHeader(format)), lines]);
  if (format !== 'json' || json_layout === 'lines') return lines;
  // Newlines within strings are escaped, so every newline ends an object.
  return `[${Buffer.from(lines).toString().trimEnd().replaceAll('\n', ',\n')}]`;
}

function failureOf(answer: HttpAnswer, destination: HttpDestination, options: Options): Error | undefined {
  const { status, body } = answer;
  const { success_statuscodes, non_retryable_statuscodes } = options;
  const isSuccess =
    success_statuscodes.length > 0 ? success_statuscodes.includes(status) : status >= 200 && status < 300;
  if (isSuccess) return undefined;
  // A proxy's error page: the service has not seen the lines.
  const isFromService = !isWebPage(answer);
  if (isFromService && non_retryable_statuscodes.includes(status)) {
    return new PermanentError(`${destination.where} permanently rejected lines (${status})${destination.quote(body)}`);
  }
  return (
    destination.refusal(answer) ?? destination.retry(answer, `answered ${status}, which is not a success; check url`)
  );
}
