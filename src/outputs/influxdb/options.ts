import { duration, headers, proxy, tls, z } from '../../plugin/index.ts';

const url = z.string().superRefine((text, context) => {
  const problem = urlProblem(text);
  if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
});

/** Never quotes the URL, which may contain a password. */
function urlProblem(text: string): string | undefined {
  if (!URL.canParse(text)) return 'is not a URL; use a form such as http://localhost:8086';
  const { protocol, pathname, search, hash } = new URL(text);
  if (protocol !== 'http:' && protocol !== 'https:') return `must begin with http:// or https://, not ${protocol}//`;
  if (search !== '' || hash !== '')
    return 'must not have a query ("?") or fragment ("#"); there are separate options for its parameters';
  if (/\/(?:write|api\/v[23](?:\/.*)?)\/?$/.test(pathname))
    return 'must be the base URL of the server, without the API path, such as http://localhost:8086';
  return undefined;
}

export const schema = z
  .strictObject({
    url: url.optional().describe('URL of the server; default: http://localhost:8086'),
    urls: z
      .array(url)
      .min(1)
      .optional()
      .describe('URLs of several servers; each write goes to one of them, with failover'),
    bucket: z
      .string()
      .min(1)
      .meta({ examples: ['telegraf'] })
      .optional()
      .describe('Bucket (InfluxDB 2) or database (InfluxDB 3)'),
    org: z.string().min(1).optional().describe('Organization of the bucket, name or ID; not used with InfluxDB 3'),
    token: z
      .string()
      .min(1)
      .meta({ secret: true })
      .optional()
      .describe('API token with write permission for the bucket'),
    database: z.string().min(1).optional().describe('Database of InfluxDB 1'),
    retention_policy: z.string().min(1).optional().describe("Retention policy; default: the database's default policy"),
    username: z.string().min(1).optional().describe('User name for InfluxDB 1 or for a proxy in front of it'),
    password: z.string().meta({ secret: true }).optional().describe('Password for that user'),
    skip_database_creation: z.boolean().default(false).describe('Does not create the database if it is missing'),
    request_timeout: duration('10s').describe('Timeout of a request to one server'),
    content_encoding: z.enum(['gzip', 'identity']).default('gzip').describe('Compression of the request body'),
    headers: headers().describe('Additional HTTP headers for every request'),
    proxy: proxy(),
    tls: tls()
      .prefault({})
      .describe('TLS settings; by default, server certificates are verified against the CAs of the system'),
  })
  .superRefine((options, context) => {
    for (const { path, message } of contradictions(options))
      context.addIssue({ code: 'custom', path: [path], message });
  });

export type Options = z.output<typeof schema>;

interface Contradiction {
  readonly path: string;
  readonly message: string;
}

function contradictions(options: Partial<Options>): readonly Contradiction[] {
  const { bucket, database, url: one, urls, org, token, username, password, retention_policy } = options;
  const found: Contradiction[] = [];
  const check = (wrong: boolean, path: string, message: string) => {
    if (wrong) found.push({ path, message });
  };
  const has = (value: unknown) => value !== undefined;
  check(!has(bucket) && !has(database), 'bucket', 'give bucket (InfluxDB 2 and 3) or database (InfluxDB 1)');
  check(has(bucket) && has(database), 'database', 'give bucket (InfluxDB 2 and 3) or database (InfluxDB 1), not both');
  check(has(one) && has(urls), 'urls', 'give url or urls, not both');
  check(has(database) && has(org), 'org', 'requires bucket; InfluxDB 1 has no organizations');
  check(
    has(bucket) && has(retention_policy),
    'retention_policy',
    'requires database; a bucket has only one retention policy',
  );
  check(has(token) && has(username), 'token', 'give token, or username and password, not both');
  check(has(password) && !has(username), 'username', 'is missing; password requires it');
  return found;
}
