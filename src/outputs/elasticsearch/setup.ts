/** Creates the index template and the lifecycle policy. Existing ones are kept, except for the policy. */
import { z, type Logger } from '../../plugin/index.ts';

import { jsonOf, type Cluster, type ClusterAnswer } from './cluster.ts';
import { patternOf } from './index-name.ts';
import { givenName, type Options } from './options.ts';
import { ilmPolicy, indexTemplate, ismPolicy, templateName } from './template.ts';

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
  const { data } = root.safeParse(jsonOf(answer));
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

/** @throws RetryableError if the cluster refuses */
export async function prepare({ cluster, options, log }: Preparation, signal: AbortSignal): Promise<void> {
  const pattern = patternOf(givenName(options));
  const name = options.template_name ?? templateName(pattern);
  const isOpenSearch = options.ilm !== undefined && (await putPolicy(cluster, options.ilm, { name, pattern }, signal));
  const policy = options.ilm === undefined || isOpenSearch ? undefined : name;
  const path = `/_index_template/${name}`;
  const existing = options.overwrite_template ? undefined : await templateText(cluster, path, signal);
  if (existing === undefined) {
    const body = indexTemplate({ pattern, isStream: options.data_stream !== undefined, policy });
    await put(cluster, { path, body, what: 'index template' }, signal);
  } else if (policy !== undefined && !existing.includes('"lifecycle"')) {
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
  { name, pattern }: { readonly name: string; readonly pattern: string },
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
  const { data } = stored.safeParse(jsonOf(await cluster.send({ method: 'GET', path }, signal)));
  return data === undefined ? '' : `?if_seq_no=${data._seq_no}&if_primary_term=${data._primary_term}`;
}

/** @returns undefined if the template does not exist */
async function templateText(cluster: Cluster, path: string, signal: AbortSignal): Promise<string | undefined> {
  const answer = await cluster.send({ method: 'GET', path }, signal);
  if (answer.status === 404) return undefined;
  expectDone(answer, 'index template');
  return answer.body;
}

interface Creation {
  readonly path: string;
  readonly body: object;
  /** For messages. */
  readonly what: string;
}

async function put(cluster: Cluster, { path, body, what }: Creation, signal: AbortSignal): Promise<void> {
  const request = { method: 'PUT', path, headers: JSON_TYPE, body: JSON.stringify(body) };
  expectDone(await cluster.send(request, signal), what);
}

function expectDone(answer: ClusterAnswer, what: string): void {
  const { node, status } = answer;
  if (status === 200 || status === 201) return;
  const advice = 'or create it yourself and set manage_template: false';
  if (status === 403)
    throw node.retry(
      answer,
      `does not allow these credentials to create the ${what} (403); grant the permission, ${advice}`,
    );
  if (status >= 400 && status < 500 && status !== 401 && status !== 429) {
    throw node.retry(answer, `rejected the ${what} (${status}); correct the cause, ${advice}`);
  }
  throw node.refusal(answer) ?? node.retry(answer, `answered ${status} to the ${what}; check url`);
}
