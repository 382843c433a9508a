/** The `_bulk` API: many documents in one request, with a result for each. */
import { jsonOf, PartialWriteError, PermanentError, TooLargeError, z, type Metric } from '../../plugin/index.ts';

import type { ClusterAnswer } from './cluster.ts';
import { documentOf, idOf } from './document.ts';
import type { IndexNamer } from './index-name.ts';

/** Reduces the response to what the verdict needs; otherwise it repeats index and ID of each document. */
const FILTER = 'errors,items.*.status,items.*.error.type,items.*.error.reason';

export function bulkPath(pipeline: string | undefined): string {
  return `/_bulk?filter_path=${FILTER}${pipeline === undefined ? '' : `&pipeline=${pipeline}`}`;
}

/** Maximum size of a response in which every document is rejected with a long reason. Bytes. */
export function maxAnswerBytes(documents: number): number {
  return 64 * 1024 + documents * 2048;
}

/** NDJSON, two lines per metric. `create` never replaces a document, and is the only action that data streams accept. */
export function bulkBody(metrics: Iterable<Metric>, indexOf: IndexNamer): string {
  let text = '';
  for (const metric of metrics) {
    const document = documentOf(metric);
    const target = { _index: indexOf(metric), _id: idOf(document) };
    text += `${JSON.stringify({ create: target })}\n${document}\n`;
  }
  return text;
}

const itemError = z.object({ type: z.string(), reason: z.string().nullish() });
const item = z.object({ status: z.number(), error: itemError.optional() });
const bulkAnswer = z.object({ errors: z.boolean(), items: z.array(z.object({ create: item })) });

type ItemError = z.infer<typeof itemError>;

interface Failure {
  /** Position of the document, counted from 0. */
  readonly position: number;
  readonly status: number;
  readonly error: ItemError;
}

/**
 * @param documents number of documents in the request
 * @returns undefined if all are stored
 */
export function bulkVerdict(answer: ClusterAnswer, documents: number): Error | undefined {
  const { node, status, isCut } = answer;
  if (status !== 200) return requestVerdict(answer);
  if (isCut) return new TooLargeError(`${node.where} returned more errors than healthd reads`);
  const { data } = bulkAnswer.safeParse(jsonOf(answer.body));
  if (data?.items.length !== documents) {
    return node.retry(answer, 'does not respond like Elasticsearch (200); check url');
  }
  const failures = data.errors ? failuresOf(data.items) : [];
  const [first] = failures;
  if (first === undefined) return undefined;
  // The whole batch can be retried: `create` does not store a document twice, and rejected ones are rejected again.
  const temporary = failures.find((failure) => !isPermanent(failure));
  if (temporary !== undefined) return node.retry({ ...answer, body: textOf(temporary) }, adviceFor(temporary));
  const text = `${node.where} permanently rejected ${failures.length} of ${documents} lines`;
  return new PartialWriteError(
    `${text}${node.quote(textOf(first))}`,
    failures.map(({ position }) => position),
    { reasons: failures.map((failure) => node.quote(textOf(failure)).replace(/^: /, '')) },
  );
}

function requestVerdict(answer: ClusterAnswer): Error {
  const { node, status, body } = answer;
  const known = node.refusal(answer);
  if (known !== undefined) return known;
  if (status === 400 && !/no handler found|unrecognized parameter|pipeline with id/.test(body)) {
    return (
      node.foreignRefusal(answer) ??
      new PermanentError(`${node.where} permanently rejected the request (400)${node.quote(body)}`)
    );
  }
  return node.retry(answer, `does not accept bulk requests (${status}); check url and pipeline`);
}

/** 409 means that an earlier attempt stored the document: its ID is a hash of its content. */
function failuresOf(items: z.infer<typeof bulkAnswer>['items']): readonly Failure[] {
  return items.flatMap(({ create: { status, error = { type: 'unknown' } } }, position) =>
    status < 300 || status === 409 ? [] : [{ position, status, error }],
  );
}

/** Errors about the index, the cluster or the request, although the status is 400. */
const NOT_THE_DOCUMENT =
  /^(?:index_closed_exception|invalid_index_name_exception)|pipeline with id|maximum (?:normal )?shards open/;

/** Always about the document. Checked first, because the reason quotes a value, which may match the pattern above. */
const THE_DOCUMENT = new Set(['document_parsing_exception', 'mapper_parsing_exception', 'fail_processor_exception']);

function isPermanent(failure: Failure): boolean {
  if (THE_DOCUMENT.has(failure.error.type)) return true;
  return failure.status === 400 && !NOT_THE_DOCUMENT.test(textOf(failure));
}

function adviceFor({ status, error: { type, reason } }: Failure): string {
  const text = reason ?? '';
  if (type === 'index_not_found_exception')
    return 'does not have the index; create it or allow action.auto_create_index';
  if (type === 'index_closed_exception') return 'reports a closed index; open it';
  if (type === 'cluster_block_exception') return blockAdvice(text);
  if (/pipeline with id/.test(text)) return 'does not have the pipeline; create it or correct pipeline';
  if (/maximum (?:normal )?shards open/.test(text))
    return 'has as many shards as it may; delete old indices, use fewer (a month each, or data_stream), or raise cluster.max_shards_per_node';
  if (status === 403) return 'denied write access (403); grant create_doc';
  if (status === 429) return 'is rate limiting (429)';
  return `could not store documents (${status})`;
}

/** `index [x] blocked by: [FORBIDDEN/8/index write (api)];`: the number tells the block. */
function blockAdvice(reason: string): string {
  if (/\/8\/index write|\/5\/index read-only/.test(reason))
    return 'has an index that takes no writes, by a lifecycle policy or by hand; remove index.blocks.write and index.blocks.read_only of that index';
  if (/\/(?:6|13)\/cluster read-only/.test(reason)) return 'is read-only as a whole; remove cluster.blocks.read_only';
  return 'has blocked the index; check the disk space of the nodes';
}

function textOf({ error: { type, reason } }: Failure): string {
  return reason === undefined || reason === null ? type : `${type}: ${reason}`;
}
