import { bytes, headers, tls, z } from '../../plugin/index.ts';

const url = z.url({ protocol: /^https?$/, error: 'must be an http(s) address' });

export const schema = z
  .strictObject({
    urls: z
      .array(url)
      .min(1)
      .meta({ examples: [['http://localhost:9100/metrics']] })
      .describe('Addresses to scrape; one without a path gets /metrics'),
    url_tag: z.string().default('url').describe('Tag that holds the address; empty for none'),
    ignore_timestamp: z.boolean().default(false).describe('Takes the time of the gather, whatever the target says'),
    username: z.string().min(1).optional().describe('User of basic authentication'),
    password: z.string().meta({ secret: true }).optional().describe('Password of the user'),
    bearer_token: z
      .string()
      .min(1)
      .meta({ secret: true })
      .optional()
      .describe('Token for the header Authorization, in place of username and password'),
    headers: headers().describe('Further HTTP headers of each request'),
    max_body: bytes('64MiB').describe('What one target may answer; more is an error'),
    tls: tls().prefault({}).describe('Certificates; those of servers are verified against the system if not given'),
  })
  .superRefine(({ username, password, bearer_token }, context) => {
    const issue = (path: string, message: string) => {
      context.addIssue({ code: 'custom', path: [path], message });
    };
    if (password !== undefined && username === undefined) issue('username', 'is missing; a password goes with it');
    if (username !== undefined && bearer_token !== undefined)
      issue('bearer_token', 'give bearer_token, or username and password, not both');
  });

export type Options = z.output<typeof schema>;
