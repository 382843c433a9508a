import { duration, headers, tls, z } from '../../plugin/index.ts';

const url = z.string().superRefine((text, context) => {
  const problem = urlProblem(text);
  if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
});

/** Never repeats the text: it may hold a password. */
function urlProblem(text: string): string | undefined {
  if (!URL.canParse(text)) return 'is not a URL; write one such as http://localhost:8086';
  const { protocol, pathname, search, hash } = new URL(text);
  if (protocol !== 'http:' && protocol !== 'https:') return `must begin with http:// or https://, not ${protocol}//`;
  if (search !== '' || hash !== '') return 'must end before the "?" or "#"; what belongs there has options of its own';
  if (/\/(?:write|api\/v[23](?:\/.*)?)\/?$/.test(pathname))
    return 'must be the address of the server without the path of its API, such as http://localhost:8086';
  return undefined;
}

export const schema = z
  .strictObject({
    url: url.optional().describe('Address of the server; http://localhost:8086 if neither url nor urls is given'),
    urls: z
      .array(url)
      .min(1)
      .optional()
      .describe('Addresses of servers of which any may take a write; the next one is tried when one fails'),
    bucket: z
      .string()
      .min(1)
      .meta({ examples: ['telegraf'] })
      .optional()
      .describe('Bucket of InfluxDB 2, or database of InfluxDB 3'),
    org: z.string().min(1).optional().describe('Organization of the bucket, name or id; InfluxDB 3 has none'),
    token: z.string().min(1).meta({ secret: true }).optional().describe('API token that may write to the bucket'),
    database: z.string().min(1).optional().describe('Database of InfluxDB 1'),
    retention_policy: z
      .string()
      .min(1)
      .optional()
      .describe('Retention policy of the database; its default if not given'),
    username: z.string().min(1).optional().describe('User of InfluxDB 1, or of a proxy before the server'),
    password: z.string().meta({ secret: true }).optional().describe('Password of the user'),
    skip_database_creation: z.boolean().default(false).describe('Never creates the database when it does not exist'),
    request_timeout: duration('10s').describe('Longest time for the answer of one server to one request'),
    content_encoding: z.enum(['gzip', 'identity']).default('gzip').describe('Compression of what is sent'),
    headers: headers().describe('Further HTTP headers of each request'),
    tls: tls().prefault({}).describe('Certificates; those of servers are verified against the system if not given'),
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
  check(has(database) && has(org), 'org', 'goes with bucket; a database of InfluxDB 1 belongs to no organization');
  check(has(bucket) && has(retention_policy), 'retention_policy', 'goes with database; a bucket has just one');
  check(has(token) && has(username), 'token', 'give token, or username and password, not both');
  check(has(password) && !has(username), 'username', 'is missing; a password goes with it');
  return found;
}
