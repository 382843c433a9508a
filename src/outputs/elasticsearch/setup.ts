/** Creates the index template and the lifecycle policy. An existing template is compared and kept, a policy is replaced. */
import { jsonOf, compileGlobs, RetryableError, z, type Logger } from '../../plugin/index.ts';

import type { Cluster, ClusterAnswer } from './cluster.ts';
import { patternOf } from './index-name.ts';
import { givenName, type Options } from './options.ts';
import { DESCRIPTION, ilmPolicy, indexTemplate, ismPolicy, TEMPLATE_VERSION, templateName } from './template.ts';

const JSON_TYPE = { 'content-type': 'application/json' };

const root = z.object({ version: z.object({ number: z.string(), distribution: z.string().optional() }) });

export type Product = 'elasticsearch' | 'opensearch';

/**
 * @returns undefined if the credentials do not allow the request; writing documents does not require that permission
 * @throws RetryableError if the server is not Elasticsearch, or rejects the credentials
 */
export async function askProduct(cluster: Cluster, signal: AbortSignal): Promise<Product | undefined> {
  const answer = await cluster.send({ method: 'GET', path: '/' }, signal);
  if (answer.status === 403) return undefined;
  const { data } = root.safeParse(jsonOf(answer.body));
  if (answer.status === 200 && data !== undefined) {
    return data.version.distribution === 'opensearch' ? 'opensearch' : 'elasticsearch';
  }
  throw answer.node.refusal(answer) ?? answer.node.retry(answer, `is not Elasticsearch (${answer.status}); check url`);
}

export interface Preparation {
  readonly cluster: Cluster;
  readonly options: Options;
  readonly log: Logger;
}

interface Need {
  /** Of the template and the policy. */
  readonly name: string;
  readonly pattern: string;
  readonly isStream: boolean;
}

/** @throws RetryableError if the cluster refuses, or has a template of this name for something else */
export async function prepare({ cluster, options, log }: Preparation, signal: AbortSignal): Promise<void> {
  const pattern = patternOf(givenName(options));
  const name = options.template_name ?? templateName(pattern);
  const need = { name, pattern, isStream: options.data_stream !== undefined };
  const path = `/_index_template/${name}`;
  const existing = options.overwrite_template ? undefined : await existingTemplate(cluster, path, signal);
  if (existing !== undefined) checkTemplate(existing, need, log);
  const isOpenSearch = options.ilm !== undefined && (await putPolicy(cluster, options.ilm, need, signal));
  const policy = options.ilm === undefined || isOpenSearch ? undefined : name;
  if (existing === undefined) {
    await put(cluster, { path, body: indexTemplate({ ...need, policy }), what: 'index template' }, signal);
  } else if (policy !== undefined && !existing.text.includes('"lifecycle"')) {
    log.warn(
      'The existing index template does not refer to the ilm policy, so it has no effect; set overwrite_template',
      { name },
    );
  }
}

/** @returns whether the cluster is OpenSearch */
async function putPolicy(
  cluster: Cluster,
  ilm: NonNullable<Options['ilm']>,
  { name, pattern }: Need,
  signal: AbortSignal,
): Promise<boolean> {
  const what = 'ilm policy';
  if ((await askProduct(cluster, signal)) !== 'opensearch') {
    await put(cluster, { path: `/_ilm/policy/${name}`, body: ilmPolicy(ilm), what }, signal);
    return false;
  }
  const path = `/_plugins/_ism/policies/${name}`;
  const version = await versionOf(cluster, path, signal);
  await put(cluster, { path: path + version, body: ismPolicy(ilm, pattern), what }, signal);
  return true;
}

const stored = z.object({ _seq_no: z.number(), _primary_term: z.number() });

/** The query parameters that OpenSearch requires to replace a policy; empty if the policy does not exist. */
async function versionOf(cluster: Cluster, path: string, signal: AbortSignal): Promise<string> {
  const { data } = stored.safeParse(jsonOf((await cluster.send({ method: 'GET', path }, signal)).body));
  return data === undefined ? '' : `?if_seq_no=${data._seq_no}&if_primary_term=${data._primary_term}`;
}

const template = z.object({
  index_patterns: z.union([z.string().transform((pattern) => [pattern]), z.array(z.string())]),
  data_stream: z.unknown().optional(),
  version: z.number().optional(),
  _meta: z.record(z.string(), z.unknown()).optional(),
});

const templates = z.object({ index_templates: z.tuple([z.object({ index_template: template })]) });

interface ExistingTemplate extends z.infer<typeof template> {
  /** The whole answer. */
  readonly text: string;
  /** The node that answered. */
  readonly where: string;
}

/** @returns undefined if the template does not exist */
async function existingTemplate(
  cluster: Cluster,
  path: string,
  signal: AbortSignal,
): Promise<ExistingTemplate | undefined> {
  const answer = await cluster.send({ method: 'GET', path }, signal);
  if (answer.status === 404) return undefined;
  expectDone(answer, 'index template');
  const { data } = templates.safeParse(jsonOf(answer.body));
  if (data === undefined) throw answer.node.retry(answer, 'does not describe its index template; check url');
  return { ...data.index_templates[0].index_template, text: answer.body, where: answer.node.where };
}

/** @throws RetryableError if documents would not get the types that they need, or not go to a data stream */
function checkTemplate(existing: ExistingTemplate, { name, pattern, isStream }: Need, log: Logger): void {
  const { index_patterns: patterns, data_stream: stream, where, version = 0, _meta: meta = {} } = existing;
  // A pattern that matches another one as a text matches everything that the other one matches.
  const problem = !compileGlobs(patterns)(pattern)
    ? `for ${patterns.join(', ')}, not for ${pattern}`
    : isStream && stream === undefined
      ? 'for indices, not for data streams'
      : !isStream && stream !== undefined
        ? 'for data streams, not for indices'
        : undefined;
  if (problem !== undefined) {
    const advice = 'set overwrite_template to replace it, or template_name for another one';
    throw new RetryableError(`${where} has an index template "${name}" ${problem}; ${advice}`);
  }
  if (meta['description'] === DESCRIPTION && version < TEMPLATE_VERSION) {
    log.warn('The existing index template is that of an older healthd; set overwrite_template to replace it', { name });
  }
}

interface Creation {
  readonly path: string;
  readonly body: object;
  /** For messages. */
  readonly what: 'index template' | 'ilm policy';
}

async function put(cluster: Cluster, { path, body, what }: Creation, signal: AbortSignal): Promise<void> {
  const request = { method: 'PUT', path, headers: JSON_TYPE, body: JSON.stringify(body) };
  expectDone(await cluster.send(request, signal), what);
}

function expectDone(answer: ClusterAnswer, what: Creation['what']): void {
  const { node, status, body } = answer;
  if (status === 200 || status === 201) return;
  const instead = what === 'ilm policy' ? 'remove ilm' : 'create it yourself and set manage_template: false';
  // Elasticsearch without X-Pack, and OpenSearch without its plugin for index management.
  if (what === 'ilm policy' && /no handler found|Incorrect HTTP method/.test(body)) {
    throw node.retry(answer, `does not support lifecycle policies (${status}); ${instead}`);
  }
  if (status === 403) {
    const advice = `grant the permission, or ${instead}`;
    throw node.retry(answer, `does not allow these credentials to create the ${what} (403); ${advice}`);
  }
  if (status >= 400 && status < 500 && status !== 401 && status !== 429) {
    throw node.retry(answer, `rejected the ${what} (${status}); correct the cause, or ${instead}`);
  }
  throw node.refusal(answer) ?? node.retry(answer, `answered ${status} to the ${what}; check url`);
}
