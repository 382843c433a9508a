/** API tokens: made, listed, ended. */
import { apiTokenAnswer, apiTokenRequest, apiTokensAnswer } from '../../api/access.ts';
import { z } from '../../plugin/index.ts';

import type { ApiTokenRecord, ApiTokens } from '../access/api-tokens.ts';
import { available, HttpError } from '../http-error.ts';
import { defineRoute, type Route } from '../route.ts';

export function tokenRoutes(tokens: () => ApiTokens | undefined): readonly Route[] {
  const book = () => available(tokens(), 'The list of API tokens');
  return [
    defineRoute({
      method: 'GET',
      path: '/api/v1/tokens',
      needs: 'admin',
      reach: 'all',
      summary: 'API tokens, without the tokens themselves',
      answer: apiTokensAnswer,
      handle: () => ({ tokens: book().list().map(listed) }),
    }),
    defineRoute({
      method: 'POST',
      path: '/api/v1/tokens',
      needs: 'admin',
      reach: 'all',
      act: 'api_token_created',
      summary: 'Makes an API token; the answer is the only place where it stands',
      body: apiTokenRequest,
      answer: apiTokenAnswer,
      handle: ({ body, caller }) => {
        const { token, record } = book().create(body, caller.name);
        return { token, ...listed(record) };
      },
    }),
    defineRoute({
      method: 'POST',
      path: '/api/v1/tokens/:id/end',
      needs: 'admin',
      reach: 'all',
      act: 'api_token_ended',
      summary: 'Ends an API token; streams that it has opened end too',
      answer: z.object({}),
      handle: ({ id }) => {
        if (book().end(id) === undefined) throw new HttpError(404, `There is no API token ${id}`);
        return {};
      },
    }),
  ];
}

function listed({ hash: _, ...rest }: ApiTokenRecord) {
  return rest;
}
