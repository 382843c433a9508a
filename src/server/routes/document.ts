/** `GET /api/v1/openapi.json`. */
import { openApiAnswer, type OpenApiAnswer } from '../../api/agent.ts';

import { openApi } from '../openapi.ts';
import { defineRoute, type Route } from '../route.ts';

/** @param routes what the document describes, this route included */
export function documentRoute(routes: () => readonly Route[], version: string): Route {
  let made: OpenApiAnswer | undefined;
  return defineRoute({
    method: 'GET',
    path: '/api/v1/openapi.json',
    needs: 'read',
    reach: 'none',
    summary: 'This document: every route, its parameters and its answer',
    answer: openApiAnswer,
    handle: () => (made ??= openApi(routes(), version)),
  });
}
