import { duration, listen, serverTls, z } from '../../plugin/index.ts';

export const schema = z
  .strictObject({
    listen: listen('127.0.0.1:9273'),
    path: z.string().startsWith('/').default('/metrics').describe('URL path of the metrics'),
    expiration_interval: duration('60s').describe(
      'Series that are not updated for this long are removed; 0s keeps them',
    ),
    export_timestamp: z.boolean().default(false).describe('Adds a timestamp to every sample'),
    string_as_label: z.boolean().default(false).describe('Turns string fields into labels instead of dropping them'),
    max_series: z
      .number()
      .int()
      .positive()
      .default(100_000)
      .describe('Maximum number of series; new ones beyond it are dropped'),
    username: z.string().min(1).optional().describe('User name that scrapers must send (basic authentication)'),
    password: z.string().min(1).meta({ secret: true }).optional().describe('Password for that user'),
    bearer_token: z
      .string()
      .min(1)
      .meta({ secret: true })
      .optional()
      .describe('Bearer token that scrapers must send in the Authorization header'),
    tls: serverTls().optional().describe('Certificate and key; serves HTTPS instead of HTTP'),
  })
  .superRefine(({ username, password, bearer_token }, context) => {
    const issue = (path: string, message: string) => {
      context.addIssue({ code: 'custom', path: [path], message });
    };
    if ((username === undefined) !== (password === undefined)) issue('username', 'give username and password together');
    if (username !== undefined && bearer_token !== undefined)
      issue('bearer_token', 'give bearer_token, or username and password, not both');
  });

export type Options = z.output<typeof schema>;
