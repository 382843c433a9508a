/**
 * An Elasticsearch or OpenSearch that refuses what their documentation refuses: wrong content types, NDJSON without a final
 * newline, unknown actions, `index` into a data stream, bad index names, values that do not fit the mapping.
 */
import { z } from 'zod';

import type { Certificate } from '../kit/certificate.ts';
import { declare, mapDocument, parseExactly, type FieldType } from './elasticsearch-mapping.ts';
import { ilm, ism, template, type Template } from './elasticsearch-schemas.ts';
import { startFakeHttp, type FakeAnswer, type FakeHttp, type FakeReply, type ReceivedRequest } from './http.ts';

export type FakeProduct = '7.17.28' | '8.19.0' | '9.1.0' | 'opensearch 3.1.0';

export interface FakeSettings {
  readonly product?: FakeProduct;
  /** The expected header; none by default. */
  readonly authorization?: string;
  readonly certificate?: Certificate;
}

export type Privilege = 'monitor' | 'manage_index_templates' | 'manage_ilm' | 'create_doc';

export interface FakeIndex {
  readonly isStream: boolean;
  readonly documents: Map<string, unknown>;
  /** Path of a field → its type. */
  readonly mapping: Map<string, FieldType>;
}

interface ItemFailure {
  readonly status: number;
  readonly type: string;
  readonly reason: string;
}

export interface FakeElasticsearch extends FakeHttp {
  readonly indices: Map<string, FakeIndex>;
  readonly templates: Map<string, Template>;
  readonly policies: Map<string, unknown>;
  readonly pipelines: Set<string>;
  readonly privileges: Set<Privilege>;
  /** `action.auto_create_index`. */
  autoCreate: boolean;
  /** Bytes on the wire. */
  maxBytes: number;
  /** The result of a document instead of storing it. */
  fail: (index: string, source: string) => ItemFailure | undefined;
  /** Of all indices. */
  stored(): readonly unknown[];
}

const json = (status: number, body: object): FakeAnswer => ({ status, body });

/** An error of a whole request, as both products write it. */
const failed = (status: number, type: string, reason: string) =>
  json(status, { error: { root_cause: [{ type, reason }], type, reason }, status });

export async function startFakeElasticsearch(settings: FakeSettings = {}): Promise<FakeElasticsearch> {
  const { product = '8.19.0', authorization, certificate } = settings;
  const isOpenSearch = product.startsWith('opensearch');
  const server = await startFakeHttp(answer, certificate);
  const fake: FakeElasticsearch = Object.assign(server, {
    indices: new Map<string, FakeIndex>(),
    templates: new Map<string, Template>(),
    policies: new Map<string, unknown>(),
    pipelines: new Set<string>(),
    privileges: new Set<Privilege>(['monitor', 'manage_index_templates', 'manage_ilm', 'create_doc']),
    autoCreate: true,
    maxBytes: 100 * 1024 * 1024,
    fail: () => undefined,
    stored: () => [...fake.indices.values()].flatMap(({ documents }) => [...documents.values()]),
  });
  return fake;

  function answer(request: ReceivedRequest): FakeReply {
    if (request.headers.authorization !== authorization) {
      return failed(401, 'security_exception', 'missing authentication credentials for REST request');
    }
    if (request.bytes.length > fake.maxBytes) return { status: 413, body: '' };
    const [, api = '', ...rest] = request.path.split('/');
    const name = rest.at(-1) ?? '';
    const routes: Readonly<Record<string, () => FakeReply>> = {
      'GET ': root,
      'GET _index_template': () => showTemplate(name),
      'PUT _index_template': () => putTemplate(request, name),
      'PUT _ilm': () => (isOpenSearch ? noHandler(request) : putPolicy(request, name, ilm)),
      'GET _plugins': () => (isOpenSearch ? show(fake.policies, name, 'status_exception') : noHandler(request)),
      'PUT _plugins': () => (isOpenSearch ? replacePolicy(request, name) : noHandler(request)),
      'POST _bulk': () => bulk(request),
    };
    return routes[`${request.method} ${api}`]?.() ?? noHandler(request);
  }

  function noHandler({ path, method }: ReceivedRequest): FakeReply {
    return json(400, { error: `no handler found for uri [${path}] and method [${method}]` });
  }

  function root(): FakeReply {
    if (!fake.privileges.has('monitor')) return failed(403, 'security_exception', 'action [cluster:monitor/main]');
    const [, number = ''] = /([\d.]+)$/.exec(product) ?? [];
    return json(200, { version: { number, ...(isOpenSearch ? { distribution: 'opensearch' } : {}) } });
  }

  function showTemplate(name: string): FakeReply {
    const found = fake.templates.get(name);
    if (found === undefined) {
      return failed(404, 'resource_not_found_exception', `index template matching [${name}] not found`);
    }
    return json(200, { index_templates: [{ name, index_template: found }] });
  }

  function show(things: ReadonlyMap<string, unknown>, name: string, missing: string): FakeReply {
    const thing = things.get(name);
    if (thing === undefined) return failed(404, missing, `[${name}] is not there`);
    return json(200, { _id: name, _seq_no: 7, _primary_term: 1, thing });
  }

  function putTemplate(request: ReceivedRequest, name: string): FakeReply {
    if (!fake.privileges.has('manage_index_templates')) {
      return failed(403, 'security_exception', 'action [indices:admin/index_template/put] is unauthorized');
    }
    const parsed = bodyOf(request, template);
    if ('status' in parsed) return parsed;
    const { lifecycle } = parsed.value.template.settings.index;
    if (isOpenSearch && lifecycle !== undefined) {
      return failed(400, 'illegal_argument_exception', 'unknown setting [index.lifecycle.name]');
    }
    const rival = [...fake.templates].find(
      ([other, { priority, index_patterns }]) =>
        other !== name &&
        priority === parsed.value.priority &&
        index_patterns.some((pattern) => parsed.value.index_patterns.some((own) => overlap(own, pattern))),
    );
    if (rival !== undefined) {
      const reason =
        `index template [${name}] has index patterns [${parsed.value.index_patterns.join(', ')}] matching patterns from ` +
        `existing templates [${rival[0]}] that have the same priority [${rival[1].priority}]`;
      return failed(400, 'illegal_argument_exception', reason);
    }
    fake.templates.set(name, parsed.value);
    return json(200, { acknowledged: true });
  }

  function putPolicy(request: ReceivedRequest, name: string, schema: z.ZodType): FakeReply {
    if (!fake.privileges.has('manage_ilm'))
      return failed(403, 'security_exception', 'action [ilm/put] is unauthorized');
    const parsed = bodyOf(request, schema);
    if ('status' in parsed) return parsed;
    fake.policies.set(name, parsed.value);
    return json(200, { acknowledged: true });
  }

  function replacePolicy(request: ReceivedRequest, name: string): FakeReply {
    const { if_seq_no, if_primary_term } = request.query;
    if (fake.policies.has(name) && (if_seq_no !== '7' || if_primary_term !== '1')) {
      return failed(409, 'version_conflict_engine_exception', `[${name}]: version conflict, document already exists`);
    }
    return putPolicy(request, name, ism);
  }

  function bodyOf<Value>(request: ReceivedRequest, schema: z.ZodType<Value>): FakeAnswer | { readonly value: Value } {
    if (request.headers['content-type'] !== 'application/json') {
      return json(406, { error: `Content-Type header [${request.headers['content-type'] ?? ''}] is not supported` });
    }
    const { success, data, error } = schema.safeParse(JSON.parse(request.body));
    return success ? { value: data } : failed(400, 'x_content_parse_exception', z.prettifyError(error));
  }

  function bulk(request: ReceivedRequest): FakeReply {
    const { headers, body, query } = request;
    if (headers['content-type'] !== 'application/x-ndjson') {
      return json(406, { error: `Content-Type header [${headers['content-type'] ?? ''}] is not supported` });
    }
    if (body === '') return failed(400, 'parse_exception', 'request body is required');
    if (!body.endsWith('\n')) {
      return failed(400, 'illegal_argument_exception', 'The bulk request must be terminated by a newline [\\n]');
    }
    const lines = body.slice(0, -1).split('\n');
    if (lines.length % 2 !== 0) return failed(400, 'illegal_argument_exception', 'Malformed action/metadata line');
    const items: object[] = [];
    for (let line = 0; line < lines.length; line += 2) {
      const action = z
        .strictObject({ create: z.strictObject({ _index: z.string(), _id: z.string().min(1).max(512) }) })
        .safeParse(JSON.parse(lines[line] ?? '')).data?.create;
      if (action === undefined) {
        return failed(400, 'illegal_argument_exception', `Malformed action/metadata line [${line + 1}]`);
      }
      const failure = store(action._index, action._id, lines[line + 1] ?? '', query['pipeline']);
      const error = failure && { type: failure.type, reason: failure.reason };
      items.push({ create: { status: failure?.status ?? 201, ...(error && { error }) } });
    }
    const errors = items.some((item) => JSON.stringify(item).includes('"error"'));
    return json(200, { errors, items });
  }

  function store(name: string, id: string, source: string, pipeline: string | undefined): ItemFailure | undefined {
    if (pipeline !== undefined && !fake.pipelines.has(pipeline)) {
      return invalid('illegal_argument_exception', `pipeline with id [${pipeline}] does not exist`);
    }
    const failure = fake.fail(name, source) ?? problemOfIndex(name);
    if (failure !== undefined) return failure;
    const index = fake.indices.get(name) ?? create(name);
    if (index.documents.has(id)) {
      const reason = `[${id}]: version conflict, document already exists (current version [1])`;
      return { status: 409, type: 'version_conflict_engine_exception', reason };
    }
    const { document, problem } = parseExactly(source);
    const conflict = problem ?? mapDocument(index.mapping, document, dynamicOf(name));
    if (conflict !== undefined) {
      return invalid(/^[89]/.test(product) ? 'document_parsing_exception' : 'mapper_parsing_exception', conflict);
    }
    index.documents.set(id, JSON.parse(source));
    return undefined;
  }

  function problemOfIndex(name: string): ItemFailure | undefined {
    if (!fake.privileges.has('create_doc')) {
      return { status: 403, type: 'security_exception', reason: 'action [indices:data/write/bulk[s]] is unauthorized' };
    }
    if (name !== name.toLowerCase() || /[\\/*?"<>| ,#:]|^[-_+]/.test(name) || Buffer.byteLength(name) > 255) {
      return invalid('invalid_index_name_exception', `Invalid index name [${name}]`);
    }
    if (fake.autoCreate || fake.indices.has(name)) return undefined;
    const reason = `no such index [${name}] and [action.auto_create_index] is [false]`;
    return { status: 404, type: 'index_not_found_exception', reason };
  }

  function create(name: string): FakeIndex {
    const found = templateFor(name);
    const mapping = new Map<string, FieldType>();
    declare(mapping, '', found?.template.mappings.properties ?? {});
    const index = { isStream: found?.data_stream !== undefined, documents: new Map<string, unknown>(), mapping };
    fake.indices.set(name, index);
    return index;
  }

  function templateFor(name: string): Template | undefined {
    const byPriority = [...fake.templates.values()].sort((a, b) => b.priority - a.priority);
    return byPriority.find(({ index_patterns }) =>
      index_patterns.some((text) => new RegExp(`^${text.replace(/[.+]/g, '\\$&').replaceAll('*', '.*')}$`).test(name)),
    );
  }

  /** Types of fields that are not in the mapping yet; without a template strings are `text`, the default. */
  function dynamicOf(name: string): (path: string, type: FieldType) => FieldType {
    const rules = templateFor(name)?.template.mappings.dynamic_templates.flatMap((rule) => Object.values(rule)) ?? [];
    return (path, type) => {
      const kind = type === 'text' ? 'string' : type;
      const rule = rules.find(
        ({ path_match, match_mapping_type }) =>
          (path_match === undefined || path.startsWith(path_match.replace('*', ''))) &&
          (match_mapping_type === undefined || match_mapping_type === kind),
      );
      return type === 'object' ? type : (rule?.mapping.type ?? type);
    };
  }
}

/** Whether a name can match both patterns. */
function overlap(a: string, b: string): boolean {
  if (a === '' && b === '') return true;
  if (a.startsWith('*')) return overlap(a.slice(1), b) || (b !== '' && overlap(a, b.slice(1)));
  if (b.startsWith('*')) return overlap(b, a);
  return a !== '' && a[0] === b[0] && overlap(a.slice(1), b.slice(1));
}

const invalid = (type: string, reason: string): ItemFailure => ({ status: 400, type, reason });
