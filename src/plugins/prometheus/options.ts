import { bytes, headers, tls, z } from '../../plugin/index.ts';

import { tagOf } from './target-tag.ts';

const url = z.url({ protocol: /^https?$/, error: 'must be an http or https URL' });

export const schema = z
  .strictObject({
    urls: z
      .array(url)
      .min(1)
      .meta({ examples: [['http://localhost:9100/metrics']] })
      .describe('URLs to scrape; the default path is /metrics'),
    url_tag: z.string().default('url').describe('Tag for the URL of the target; empty for none'),
    ignore_timestamp: z
      .boolean()
      .default(false)
      .describe('Uses the time of the gather instead of timestamps of the target'),
    username: z.string().min(1).optional().describe('User name for basic authentication'),
    password: z.string().meta({ secret: true }).optional().describe('Password for basic authentication'),
    bearer_token: z
      .string()
      .min(1)
      .meta({ secret: true })
      .optional()
      .describe('Bearer token for the Authorization header, instead of username and password'),
    headers: headers().describe('Additional HTTP headers'),
    max_body: bytes('8MiB').describe('Maximum size of a response after decompression; a larger one is an error'),
    max_samples: z
      .number()
      .int()
      .min(1)
      .default(200_000)
      .describe('Maximum number of samples in a response; a larger one is an error'),
    tls: tls()
      .prefault({})
      .describe('TLS certificates; by default servers are verified against the CA certificates of the system'),
  })
  .superRefine(({ urls, url_tag, username, password, bearer_token }, context) => {
    const issue = (path: string, message: string) => {
      context.addIssue({ code: 'custom', path: [path], message });
    };
    const tags = urls.filter((each) => URL.canParse(each)).map((each) => tagOf(new URL(each)));
    const isShared = tags.some((tag, index) => tags.indexOf(tag) !== index && urls[tags.indexOf(tag)] !== urls[index]);
    if (url_tag !== '' && isShared) {
      issue(
        'urls',
        'has URLs that would get the same tag, which has no credentials and no unknown query; use two entries with different tags and url_tag: ""',
      );
    }
    if (password !== undefined && username === undefined) issue('username', 'is missing; a password goes with it');
    if (username !== undefined && bearer_token !== undefined)
      issue('bearer_token', 'give bearer_token, or username and password, not both');
  });

export type Options = z.output<typeof schema>;
