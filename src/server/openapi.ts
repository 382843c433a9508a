/** The routes as an OpenAPI document, made from the schemas that check requests and answers. */
import type { OpenApiAnswer } from '../api/agent.ts';
import { z } from '../plugin/index.ts';

import type { Route, RouteDescription, Scope } from './route.ts';

type Json = Readonly<Record<string, unknown>>;

const SCOPES: Readonly<Record<Scope, string>> = {
  open: 'Open to everybody who reaches the port.',
  page: 'Open to everybody who reaches the port.',
  read: 'On a loopback address open to everybody, beyond it to callers with a session or a token.',
  private: 'Needs a session or a token.',
  act: 'Needs a session, and a request of the same origin; or a token.',
  ingest: 'For agents of a hub, which have tokens of their own.',
  owner: 'Only on the control socket.',
};

/** @returns OpenAPI 3.1, whose schemas are JSON Schema 2020-12 */
export function openApi(routes: readonly Route[], version: string): OpenApiAnswer {
  const paths: Record<string, Record<string, Json>> = {};
  for (const route of routes) {
    if (route.about === undefined) continue;
    const path = route.path.replace(':id', '{id}');
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(route, route.about) };
  }
  return {
    openapi: '3.1.0',
    info: { title: 'healthd', version, description: 'Times are milliseconds since the Unix epoch.' },
    paths,
    components: {
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
      schemas: {
        Error: { type: 'object', properties: { error: { type: 'string' } }, required: ['error'] },
      },
    },
  };
}

function operation({ path, scope }: Route, { summary, query, body, answer }: RouteDescription): Json {
  const isPublic = scope === 'open';
  return {
    summary,
    description: SCOPES[scope],
    ...(isPublic ? {} : { security: [{ token: [] }] }),
    parameters: [...pathParameters(path), ...queryParameters(query)],
    ...(body === undefined ? {} : { requestBody: { required: true, content: json(schemaOf(body, 'input')) } }),
    responses: {
      200: answered(answer),
      default: { description: 'Refused', content: json({ $ref: '#/components/schemas/Error' }) },
    },
  };
}

function answered(answer: z.ZodType | undefined): Json {
  if (answer === undefined) return { description: 'Server-sent events', content: { 'text/event-stream': {} } };
  return { description: 'Done', content: json(schemaOf(answer, 'output')) };
}

function pathParameters(path: string): readonly Json[] {
  return path.includes(':id') ? [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }] : [];
}

function queryParameters(query: z.ZodObject): readonly Json[] {
  const { properties = {}, required = [] } = schemaOf(query, 'input') as {
    readonly properties?: Readonly<Record<string, Json>>;
    readonly required?: readonly string[];
  };
  return Object.entries(properties).map(([name, { description, ...schema }]) => ({
    name,
    in: 'query',
    ...(required.includes(name) ? { required: true } : {}),
    ...(description === undefined ? {} : { description }),
    schema,
  }));
}

function json(schema: Json): Json {
  return { 'application/json': { schema } };
}

/** Written out at each place, so that a reader follows no references. */
function schemaOf(schema: z.ZodType, io: 'input' | 'output'): Json {
  const made = z.toJSONSchema(schema, { io, unrepresentable: 'any', reused: 'inline' });
  return Object.fromEntries(Object.entries(made).filter(([key]) => key !== '$schema' && key !== '~standard'));
}
