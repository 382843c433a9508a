import { bytes, duration, headerText, z } from '../../plugin/index.ts';
import { checkCredentials, contentEncoding, httpOptions, serviceUrl } from '../http-destination.ts';

import { patternOf, problemOfName } from './index-name.ts';

const url = serviceUrl('http://localhost:9200');

/** Names of templates, policies and pipelines, which become parts of a path. */
const name = () =>
  z.string().regex(/^[a-z0-9][a-z0-9._-]*$/, 'must consist of lower-case letters, digits, ".", "_" and "-"');

const lifecycle = z
  .strictObject({
    max_size: bytes().optional().describe('With data_stream: rolls over when the primary shards reach this size'),
    max_age: duration().optional().describe('With data_stream: rolls over when the index reaches this age'),
    delete_after: duration().optional().describe('Deletes an index at this age, counted from its rollover'),
  })
  .refine((given) => Object.values(given).some((value) => value !== undefined), {
    error: 'Set at least one of max_size, max_age and delete_after',
  });

export const schema = z
  .strictObject({
    url: url.optional().describe('URL of a node; default: http://localhost:9200'),
    urls: z.array(url).min(1).optional().describe('URLs of several nodes of one cluster, with failover'),
    index: z
      .string()
      .superRefine(checkName)
      .optional()
      .describe('Index name; %Y %y %m %d %H %V (UTC), {{measurement}} and {{tag}} are replaced')
      .meta({ examples: ['healthd-%Y.%m.%d'] }),
    data_stream: z
      .string()
      .superRefine(checkName)
      .refine((text) => !text.includes('%'), 'must not contain dates; Elasticsearch rolls a data stream over by itself')
      .optional()
      .describe(
        'Name of a data stream, instead of index, such as metrics-healthd-default; {{measurement}} and {{tag}} are replaced',
      ),
    default_tag_value: z.string().default('none').describe('Replaces {{tag}} if a metric does not have the tag'),
    ...httpOptions,
    api_key: headerText()
      .meta({ secret: true })
      .optional()
      .describe('API key (base64), instead of username and password'),
    pipeline: name().optional().describe('Ingest pipeline for the documents'),
    content_encoding: contentEncoding('gzip'),
    manage_template: z
      .boolean()
      .default(true)
      .describe('Creates an index template with the types of tags, strings and times'),
    template_name: name()
      .optional()
      .describe('Name of the template and the policy; default: the constant part of the index name'),
    overwrite_template: z.boolean().default(false).describe('Replaces an existing template at each start'),
    ilm: lifecycle.optional().describe('Lifecycle of indices: an ILM policy, or ISM in OpenSearch'),
  })
  .superRefine(checkCredentials)
  .superRefine((options, context) => {
    for (const [path, message] of contradictions(options)) context.addIssue({ code: 'custom', path: [path], message });
  });

export type Options = z.output<typeof schema>;

const DEFAULT_INDEX = 'healthd-%Y.%m.%d';

/** The configured data stream or index name. */
export function givenName({ index, data_stream }: Options): string {
  return data_stream ?? index ?? DEFAULT_INDEX;
}

function checkName(text: string, context: z.core.$RefinementCtx): void {
  const problem = problemOfName(text);
  if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
}

/** Names of data streams that Elastic's own agents write to. */
const SHARED_PREFIX = /^(?:logs|metrics|profiling|synthetics|traces)-\*/;

type Contradiction = readonly [path: string, message: string];

function contradictions(options: Options): readonly Contradiction[] {
  const { url: one, urls, index, data_stream, api_key, username, bearer_token } = options;
  const found: Contradiction[] = [];
  if (one !== undefined && urls !== undefined) found.push(['urls', 'give url or urls, not both']);
  if (index !== undefined && data_stream !== undefined) {
    found.push(['data_stream', 'give index or data_stream, not both']);
  }
  if (api_key !== undefined && (username ?? bearer_token) !== undefined) {
    found.push(['api_key', 'give only one of api_key, bearer_token, and username with password']);
  }
  if (options.manage_template && SHARED_PREFIX.test(patternOf(givenName(options)))) {
    const path = data_stream === undefined ? 'index' : 'data_stream';
    found.push([
      path,
      'would apply its template to data streams of others; begin with a text of your own, such as metrics-healthd.{{tag}}',
    ]);
  }
  const problem = problemOfLifecycle(options);
  return problem === undefined ? found : [...found, ['ilm', problem]];
}

function problemOfLifecycle(options: Options): string | undefined {
  const { ilm, data_stream, manage_template } = options;
  if (ilm === undefined) return undefined;
  if (!manage_template) return 'requires manage_template, because the template refers to the policy';
  if (data_stream !== undefined) return undefined;
  if ((ilm.max_size ?? ilm.max_age) !== undefined) {
    return 'max_size and max_age require data_stream; an index with a date in its name changes with the date';
  }
  return givenName(options).includes('%') ? undefined : 'would delete the only index; add a date to its name';
}
