import { duration, z } from '../../plugin/index.ts';

import { parseAddress } from './address.ts';

const serverTls = z.strictObject({
  cert: z.string().min(1).describe('File of the certificate (PEM) that is shown to those who scrape'),
  key: z.string().min(1).describe('File of its private key (PEM)'),
  ca: z
    .string()
    .min(1)
    .optional()
    .describe('File of certificates (PEM); who scrapes must then show one that was signed by them'),
});

export const schema = z
  .strictObject({
    listen: z
      .string()
      .refine((text) => parseAddress(text) !== undefined, 'must be host:port, such as 127.0.0.1:9273, or :9273 for all')
      .default('127.0.0.1:9273')
      .describe('Address to serve at, host:port; :9273 is port 9273 of all addresses of the host'),
    path: z.string().startsWith('/').default('/metrics').describe('Path of the metrics'),
    expiration_interval: duration('60s').describe('A series that was not written for so long is left out; 0s is never'),
    export_timestamp: z.boolean().default(false).describe('Adds the time of each sample'),
    string_as_label: z.boolean().default(false).describe('Makes string fields labels instead of leaving them out'),
    max_series: z.number().int().positive().default(100_000).describe('Most series kept; further ones are refused'),
    username: z.string().min(1).optional().describe('User of basic authentication, which is asked for if given'),
    password: z.string().min(1).meta({ secret: true }).optional().describe('Password of the user'),
    bearer_token: z
      .string()
      .min(1)
      .meta({ secret: true })
      .optional()
      .describe('Token that is asked for in the header Authorization'),
    tls: serverTls.optional().describe('Certificate and key, to serve HTTPS instead of HTTP'),
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
