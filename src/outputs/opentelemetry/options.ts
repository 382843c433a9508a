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

export const schema = z.strictObject({
  url: url.default('http://127.0.0.1:4318/v1/metrics').describe('URL for metrics; the default path is /v1/metrics'),
  logs_url: url
    .optional()
    .describe('URL for log records; the default path is /v1/logs. If not set, log records are not sent'),
  headers: headers().describe('Additional HTTP headers, such as an API key'),
  attributes: z
    .record(z.string().min(1), z.string())
    .default({})
    .describe('Resource attributes, in addition to service.name and host.name'),
  compression: z.enum(['gzip', 'none']).default('gzip').describe('Compression of the request body'),
  proxy: proxy(),
  tls: tls()
    .prefault({})
    .describe('TLS settings; by default, the server certificate is verified against the CAs of the system'),
});

export type Options = z.output<typeof schema>;
