import { headers, tls, z } from '../../plugin/index.ts';

const url = z.string().superRefine((text, context) => {
  const problem = urlProblem(text);
  if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
});

/** Never repeats the text: it may hold a password. */
function urlProblem(text: string): string | undefined {
  if (!URL.canParse(text)) return 'is not a URL; write one such as http://collector:4318';
  const { protocol, port, hash } = new URL(text);
  if (protocol !== 'http:' && protocol !== 'https:') return 'must begin with http:// or https://';
  if (port === '4317') return 'must be the port for HTTP, usually 4318; 4317 is for gRPC';
  return hash === '' ? undefined : 'must end before the "#"';
}

export const schema = z.strictObject({
  url: url
    .default('http://127.0.0.1:4318/v1/metrics')
    .describe('Where metrics are posted; /v1/metrics if there is no path'),
  logs_url: url
    .optional()
    .describe('Where records of logs are posted, /v1/logs if there is no path; nowhere if not given'),
  headers: headers().describe('Further HTTP headers, such as those with an API key'),
  attributes: z
    .record(z.string().min(1), z.string())
    .default({})
    .describe('Further attributes of the resource, beside service.name and host.name'),
  compression: z.enum(['gzip', 'none']).default('gzip').describe('Compression of what is sent'),
  tls: tls().prefault({}).describe('Certificates; that of the server is verified against the system if not given'),
});

export type Options = z.output<typeof schema>;
