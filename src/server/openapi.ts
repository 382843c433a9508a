/** The routes as an OpenAPI document, made from the schemas that check requests and answers. */
import type { OpenApiAnswer } from '../api/agent.ts';
import { z } from '../plugin/index.ts';

import type { Need, Reach, Route, RouteDescription } from './route.ts';

type Json = Readonly<Record<string, unknown>>;

const NEEDS: Readonly<Record<Need, string>> = {
  open: 'Open to everybody who reaches the port.',
  page: 'Open to everybody who reaches the port.',
  read: 'Needs the role viewer; on a loopback address open to everybody, while there are no users.',
  viewer: 'Needs the role viewer.',
  operator: 'Needs the role operator, and a request of the same origin or a token.',
  admin: 'Needs the role admin, and a request of the same origin or a token.',
  ingest: 'For agents of a hub, which have tokens of their own.',
  owner: 'Only on the control socket.',
};

const REACHES: Readonly<Record<Reach, string>> = {
  none: '',
  own: ' Only for callers whose scope has the host of this agent.',
  seen: " Only what the caller's scope has.",
  all: ' Only for callers without a scope.',
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

function operation({ path, needs, reach }: Route, { summary, query, body, answer }: RouteDescription): Json {
  const isPublic = needs === 'open' || needs === 'page';
  return {
    summary,
    description: `${NEEDS[needs]}${needs === 'owner' ? '' : REACHES[reach]}`,
    'x-needs': needs,
    'x-reach': reach,
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
