import { tls, z } from '../../plugin.ts';

export const schema = z
  .strictObject({
    url: z
      .url({ protocol: /^https?$/, error: 'must be an http(s) address' })
      .meta({ examples: ['http://localhost:9090/api/v1/write'] })
      .describe('Address that takes remote write, with its path'),
    username: z.string().min(1).optional().describe('User of basic authentication'),
    password: z.string().meta({ secret: true }).optional().describe('Password of the user'),
    bearer_token: z
      .string()
      .min(1)
      .meta({ secret: true })
      .optional()
      .describe('Token for the header Authorization, in place of username and password'),
    headers: z
      .record(z.string().regex(/^[\w!#$%&'*+.^`|~-]+$/, 'is not the name of an HTTP header'), z.string())
      .meta({ secret: true })
      .default({})
      .describe('Further HTTP headers of each request, such as X-Scope-OrgID for a tenant of Mimir'),
    metadata: z.boolean().default(true).describe('Sends type, help and unit of a metric along when it is new'),
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
