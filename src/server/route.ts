/** A route of the API. One table serves the control socket, the TCP port and the page. */
import type { IncomingMessage } from 'node:http';

import type { Role } from '../api/access.ts';
import { z } from '../plugin/index.ts';

import type { Caller } from './access/caller.ts';
import type { Sight } from './access/sight.ts';
import { HttpError } from './http-error.ts';
import type { Frozen } from './sources.ts';

/**
 * What a caller must be allowed to do.
 *
 * - `open`: nothing; the route itself shows nothing about the host
 * - `page`: the same; pages of others may link to it
 * - `read`: see metrics: those who have signed in; on a loopback address everybody, while there are no users
 * - `viewer`: see what may hold secrets or says what others do
 * - `operator`: silence, acknowledge, resolve
 * - `admin`: change rules and hosts, make tokens, see the configuration
 * - `owner`: open sessions, reload, stop: only the control socket
 * - `ingest`: nothing here: the route itself asks for the credentials of an agent, which no browser has
 */
export type Need = 'open' | 'page' | 'read' | Role | 'owner' | 'ingest';

/**
 * Which hosts a route is about, for callers who do not see all of them.
 *
 * - `none`: about no host
 * - `own`: about the agent's own; refused to those who do not see it
 * - `seen`: the route leaves out what `ApiRequest.sight` does not see
 * - `all`: refused to those who do not see all
 */
export type Reach = 'none' | 'own' | 'seen' | 'all';

interface Demands {
  readonly needs: Need;
  readonly reach: Reach;
}

/** What changes something says how the audit log calls it; null: nothing changes, or what is behind it writes the entry. */
type Deed =
  | { readonly method: 'GET'; readonly act?: never }
  | { readonly method: 'POST' | 'DELETE'; readonly act: string | null };

export type Method = Deed['method'];

export type Route = RouteBase & Demands & Deed;

interface RouteBase {
  /** `:id` matches one segment; `/*` at the end matches any path. */
  readonly path: string;
  /** For the OpenAPI document; undefined leaves the route out. */
  readonly about: RouteDescription | undefined;
  /** Reads the body itself; `ApiRequest.body` is undefined. Default false. */
  readonly readsBody?: boolean;
  /**
   * @returns any JSON value, a Reply or an EventStream
   * @throws HttpError, or RefusedRequest if the request cannot be met
   */
  handle(request: ApiRequest, signal: AbortSignal): Promise<unknown>;
}

export interface RouteDescription {
  /** One sentence, without a full stop. */
  readonly summary: string;
  readonly query: z.ZodObject;
  readonly body: z.ZodType | undefined;
  /** Undefined: the answer is not JSON. */
  readonly answer: z.ZodType | undefined;
}

export interface ApiRequest {
  /** The segment that `:id` matches, or the path that `/*` matches; empty if the route has none. */
  readonly id: string;
  readonly query: URLSearchParams;
  /** Undefined if the request has none. */
  readonly body: unknown;
  readonly caller: Caller;
  /** Which hosts the caller sees. */
  readonly sight: Sight;
  /** Headers and the address of the caller. */
  readonly message: IncomingMessage;
}

/** A request whose query and body match their schemas. Missing keys are absent. */
interface ParsedRequest<Query, Body> extends Omit<ApiRequest, 'query' | 'body'> {
  readonly query: Exact<Query>;
  readonly body: Exact<Body>;
}

type Exact<T> = T extends object ? { [Key in keyof T]: Exclude<T[Key], undefined> } : T;

interface RouteDefinition<Query extends z.ZodObject, Body extends z.ZodType, Answer extends z.ZodType> extends Demands {
  readonly path: string;
  readonly summary: string;
  /** Parameters; a list takes a parameter that is repeated. Default: none. */
  readonly query?: Query;
  /** Default: none. */
  readonly body?: Body;
  readonly answer: Answer;
  handle(
    request: ParsedRequest<z.output<Query>, z.output<Body>>,
    signal: AbortSignal,
  ): Frozen<z.output<Answer>> | Promise<Frozen<z.output<Answer>>>;
}

const NO_PARAMETERS = z.strictObject({});

/** A route whose query and body are checked, and whose answer has the type of its schema. */
export function defineRoute<
  Answer extends z.ZodType,
  Query extends z.ZodObject = typeof NO_PARAMETERS,
  Body extends z.ZodType = z.ZodUndefined,
>(definition: RouteDefinition<Query, Body, Answer> & Deed): Route {
  const { summary, query = NO_PARAMETERS, body, answer, handle, ...rest } = definition;
  return {
    ...rest,
    about: { summary, query, body, answer },
    handle: async (request, signal) => {
      const parsed = {
        ...request,
        query: parse(query, readQuery(request.query, query), 'query') as Exact<z.output<Query>>,
        body: (body === undefined ? undefined : parse(body, request.body, 'body')) as Exact<z.output<Body>>,
      };
      return await handle(parsed, signal);
    },
  };
}

function readQuery(given: URLSearchParams, { shape }: z.ZodObject): Readonly<Record<string, unknown>> {
  const names = [...new Set(given.keys())];
  return Object.fromEntries(
    names.map((name) => {
      const all = given.getAll(name);
      return [name, all.length > 1 || (shape[name] as z.ZodType | undefined) instanceof z.ZodArray ? all : all[0]];
    }),
  );
}

/** @throws HttpError 400 that says what is wrong */
function parse(schema: z.ZodType, value: unknown, where: 'query' | 'body'): unknown {
  const result = schema.safeParse(value);
  if (result.success) return withoutUndefined(result.data);
  throw new HttpError(400, `In the ${where}: ${result.error.issues.map(issueText).join('; ')}`);
}

/** zod sets missing optional keys to `undefined`; the interfaces require them to be absent. */
function withoutUndefined(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined));
}

export interface MatchedRoute {
  readonly route: Route;
  readonly id: string;
}

/** The first that matches. @throws HttpError 400 for a path that is not percent-encoded UTF-8 */
export function matchRoute(routes: readonly Route[], method: string, path: string): MatchedRoute | undefined {
  for (const route of routes) {
    const id = route.method === method ? matchPath(route.path, path) : undefined;
    if (id !== undefined) return { route, id };
  }
  return undefined;
}

/** @returns the segment that `:id` or `/*` matches, empty if the pattern has none; undefined if the path does not match */
function matchPath(pattern: string, path: string): string | undefined {
  if (pattern.endsWith('/*')) return path.startsWith(pattern.slice(0, -1)) ? decode(path) : undefined;
  const [expected, given] = [pattern.split('/'), path.split('/')];
  if (expected.length !== given.length) return undefined;
  const isMatch = expected.every((segment, index) => segment === ':id' || segment === given[index]);
  return isMatch ? decode(given[expected.indexOf(':id')] ?? '') : undefined;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new HttpError(400, 'The path is not valid UTF-8');
  }
}

/** Of a wrong key, why it is wrong. */
function issueText({ path, ...issue }: z.core.$ZodIssue): string {
  const text = issue.code === 'invalid_key' ? (issue.issues[0]?.message ?? issue.message) : issue.message;
  return path.length === 0 ? text : `${path.map(String).join('.')}: ${text}`;
}
