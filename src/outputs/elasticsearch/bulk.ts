/** `_bulk`: many documents in one request, each with an answer of its own. */
import { PartialWriteError, PermanentError, TooLargeError, z, type Metric } from '../../plugin/index.ts';

import { jsonOf, type ClusterAnswer } from './cluster.ts';
import { documentOf, idOf } from './document.ts';
import type { IndexNamer } from './index-name.ts';

/** Only what the verdict needs: an answer repeats index and id of each document otherwise. */
const FILTER = 'errors,items.*.status,items.*.error.type,items.*.error.reason';

export function bulkPath(pipeline: string | undefined): string {
  return `/_bulk?filter_path=${FILTER}${pipeline === undefined ? '' : `&pipeline=${pipeline}`}`;
}

/** Of an answer in which each document is refused with many words. Bytes. */
export function maxAnswerBytes(documents: number): number {
  return 64 * 1024 + documents * 2048;
}

/** NDJSON: two lines for each metric. `create` never replaces what is there, and data streams take nothing else. */
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
  /** Of the document, counted from 0. */
  readonly position: number;
  readonly status: number;
  readonly error: ItemError;
}

/**
 * @param documents how many were sent
 * @returns undefined if all are stored
 */
export function bulkVerdict(answer: ClusterAnswer, documents: number): Error | undefined {
  const { node, status, isCut } = answer;
  if (status !== 200) return requestVerdict(answer);
  if (isCut) return new TooLargeError(`${node.where} answered with more errors than are read`);
  const { data } = bulkAnswer.safeParse(jsonOf(answer));
  if (data?.items.length !== documents) {
    return node.retry(answer, 'does not answer as Elasticsearch does (200); check url');
  }
  const failures = data.errors ? failuresOf(data.items) : [];
  const [first] = failures;
  if (first === undefined) return undefined;
  // What is stored is not stored twice, so all may be sent again; what is refused will be refused again then.
  const passing = failures.find((failure) => !isForGood(failure));
  if (passing !== undefined) return node.retry({ ...answer, body: textOf(passing) }, adviceFor(passing));
  const text = `${node.where} refused ${failures.length} of ${documents} lines for good`;
  return new PartialWriteError(
    `${text}${node.quote(textOf(first))}`,
    failures.map(({ position }) => position),
  );
}

function requestVerdict(answer: ClusterAnswer): Error {
  const { node, status, body } = answer;
  const known = node.refusal(answer);
  if (known !== undefined) return known;
  if (status === 400 && !/no handler found|unrecognized parameter|pipeline with id/.test(body)) {
    return new PermanentError(`${node.where} refused the request for good (400)${node.quote(body)}`);
  }
  return node.retry(answer, `takes no bulk requests (${status}); check url and pipeline`);
}

/** A document that is there already was stored by an earlier attempt: its id is made of what is in it. */
function failuresOf(items: z.infer<typeof bulkAnswer>['items']): readonly Failure[] {
  return items.flatMap(({ create: { status, error = { type: 'unknown' } } }, position) =>
    status < 300 || status === 409 ? [] : [{ position, status, error }],
  );
}

/** About the index, the cluster or the request, and not about the document, although the status is 400. */
const NOT_THE_DOCUMENT =
  /^(?:index_closed_exception|invalid_index_name_exception)|pipeline with id|maximum (?:normal )?shards open/;

/** Always about the document, of which the reason quotes a value; whatever that says. */
const THE_DOCUMENT = new Set(['document_parsing_exception', 'mapper_parsing_exception', 'fail_processor_exception']);

function isForGood(failure: Failure): boolean {
  if (THE_DOCUMENT.has(failure.error.type)) return true;
  return failure.status === 400 && !NOT_THE_DOCUMENT.test(textOf(failure));
}

function adviceFor({ status, error: { type, reason } }: Failure): string {
  if (type === 'index_not_found_exception') return 'has no such index; create it or allow action.auto_create_index';
  if (type === 'index_closed_exception') return 'has closed the index; open it';
  if (type === 'cluster_block_exception') return 'has blocked the index; look at the disk space of its nodes';
  if (/pipeline with id/.test(reason ?? '')) return 'does not know the pipeline; create it or correct pipeline';
  if (status === 403) return 'does not let these credentials write there (403); grant create_doc';
  if (status === 429) return 'asks to be sent less (429)';
  return `could not store documents (${status})`;
}

function textOf({ error: { type, reason } }: Failure): string {
  return reason === undefined || reason === null ? type : `${type}: ${reason}`;
}
