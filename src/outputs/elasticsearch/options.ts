import { bytes, duration, headerText, z } from '../../plugin/index.ts';
import { checkCredentials, contentEncoding, httpOptions, serviceUrl } from '../http-destination.ts';

import { patternOf, problemOfName } from './index-name.ts';

const url = serviceUrl('http://localhost:9200');

/** Names of things in the cluster that are not indices, which become parts of a path. */
const name = () =>
  z.string().regex(/^[a-z0-9][a-z0-9._-]*$/, 'must be of lower-case letters, digits, ".", "_" and "-"');

const lifecycle = z
  .strictObject({
    max_size: bytes().optional().describe('data_stream: begins a new index when the primary shards are larger'),
    max_age: duration().optional().describe('data_stream: begins a new index when this one is older'),
    delete_after: duration()
      .optional()
      .describe('Deletes an index when it is older, counted from when a new one began'),
  })
  .refine((given) => Object.values(given).some((value) => value !== undefined), {
    error: 'Say what is to happen: give max_size, max_age or delete_after',
  });

export const schema = z
  .strictObject({
    url: url.optional().describe('Address of a node; http://localhost:9200 if neither url nor urls is given'),
    urls: z
      .array(url)
      .min(1)
      .optional()
      .describe('Addresses of nodes of one cluster; when one does not answer the next one is used'),
    index: z
      .string()
      .superRefine(checkName)
      .optional()
      .describe('Name of the index, with %Y %y %m %d %H %V of the UTC time, {{measurement}} and {{tag}}')
      .meta({ examples: ['healthd-%Y.%m.%d'] }),
    data_stream: z
      .string()
      .superRefine(checkName)
      .refine((text) => !text.includes('%'), 'has no dates in its name: Elasticsearch begins new indices by itself')
      .optional()
      .describe(
        'Name of the data stream, instead of index, such as metrics-healthd-default; {{measurement}} and {{tag}} may stand in it',
      ),
    default_tag_value: z.string().default('none').describe('Stands in a name for a tag that a metric does not have'),
    ...httpOptions,
    api_key: headerText()
      .meta({ secret: true })
      .optional()
      .describe('API key, base64 as Elasticsearch shows it once, instead of user and password'),
    pipeline: name().optional().describe('Ingest pipeline that the documents go through'),
    content_encoding: contentEncoding('gzip'),
    manage_template: z
      .boolean()
      .default(true)
      .describe('Creates an index template that gives tags, texts and times their right types'),
    template_name: name().optional().describe('Name of template and policy; default: what is fixed of the index name'),
    overwrite_template: z.boolean().default(false).describe('Replaces a template of that name at each start'),
    ilm: lifecycle.optional().describe('When indices end: a policy of ILM, or of ISM in OpenSearch'),
  })
  .superRefine(checkCredentials)
  .superRefine((options, context) => {
    for (const [path, message] of contradictions(options)) context.addIssue({ code: 'custom', path: [path], message });
  });

export type Options = z.output<typeof schema>;

const DEFAULT_INDEX = 'healthd-%Y.%m.%d';

/** The name as it was given, whichever of both it is. */
export function givenName({ index, data_stream }: Options): string {
  return data_stream ?? index ?? DEFAULT_INDEX;
}

function checkName(text: string, context: z.core.$RefinementCtx): void {
  const problem = problemOfName(text);
  if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
}

/** Of data streams that Elastic's own agents write to. */
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
    found.push(['api_key', 'give one of api_key, bearer_token, and username with password']);
  }
  if (options.manage_template && SHARED_PREFIX.test(patternOf(givenName(options)))) {
    const path = data_stream === undefined ? 'index' : 'data_stream';
    found.push([
      path,
      'would give its template to others; put a text of your own first, such as metrics-healthd.{{tag}}',
    ]);
  }
  const problem = problemOfLifecycle(options);
  return problem === undefined ? found : [...found, ['ilm', problem]];
}

function problemOfLifecycle(options: Options): string | undefined {
  const { ilm, data_stream, manage_template } = options;
  if (ilm === undefined) return undefined;
  if (!manage_template) return 'needs manage_template: the template names the policy';
  if (data_stream !== undefined) return undefined;
  if ((ilm.max_size ?? ilm.max_age) !== undefined) {
    return 'max_size and max_age need data_stream; an index with a date in its name begins anew by that';
  }
  return givenName(options).includes('%') ? undefined : 'would delete the only index; put a date into its name';
}
