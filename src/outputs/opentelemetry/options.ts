import { headers, proxy, tls, z } from '../../plugin/index.ts';

const url = z.string().superRefine((text, context) => {
  const problem = urlProblem(text);
  if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
});

/** Never quotes the URL, which may contain a password. */
function urlProblem(text: string): string | undefined {
  if (!URL.canParse(text)) return 'is not a URL; use a form such as http://collector:4318';
  const { protocol, port, hash } = new URL(text);
  if (protocol !== 'http:' && protocol !== 'https:') return 'must begin with http:// or https://';
  if (port === '4317') return 'must have the port for HTTP, usually 4318; 4317 is for gRPC';
  return hash === '' ? undefined : 'must not have a fragment ("#")';
}

const options = z.strictObject({
  url: z
    .union([url, z.literal(false)])
    .default('http://127.0.0.1:4318/v1/metrics')
    .describe('URL for metrics; the default path is /v1/metrics. With false, metrics are not sent'),
  logs_url: url
    .optional()
    .describe('URL for log records; the default path is /v1/logs. If not set, log records are not sent'),
  headers: headers().describe('Additional HTTP headers, such as an API key'),
  attributes: z
    .record(z.string().min(1), z.string())
    .default({})
    .describe('Resource attributes, in addition to service.name, service.instance.id and host.name'),
  encoding: z
    .enum(['json', 'protobuf'])
    .default('json')
    .describe('Encoding of the request body; collectors accept both, some other receivers protobuf alone'),
  compression: z.enum(['gzip', 'none']).default('gzip').describe('Compression of the request body'),
  proxy: proxy(),
  tls: tls()
    .prefault({})
    .describe('TLS settings; by default, the server certificate is verified against the CAs of the system'),
});

export const schema = options.refine(({ url, logs_url }) => url !== false || logs_url !== undefined, {
  path: ['logs_url'],
  error: 'is missing; with url: false nothing would be sent',
});

export type Options = z.output<typeof schema>;
