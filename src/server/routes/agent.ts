/** The agent itself: its state, its log, its configuration, whether it is alive. */
import { agentAnswer, configAnswer, healthAnswer, logAnswer } from '../../api/agent.ts';
import { z } from '../../plugin/index.ts';

import { available, HttpError } from '../http-error.ts';
import { defineRoute, type Route } from '../route.ts';
import type { Sources } from '../sources.ts';

export function agentRoutes(sources: Sources): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/api/v1/agent',
      needs: 'read',
      reach: 'own',
      summary: 'State of inputs, outputs, journal, history and receivers',
      answer: agentAnswer,
      handle: ({ caller }) => stateFor(available(sources.agent(), 'The state of the agent'), caller.role !== undefined),
    }),
    defineRoute({
      method: 'GET',
      path: '/api/v1/log',
      needs: 'viewer',
      reach: 'all',
      summary: "The newest lines of the agent's log, in order",
      query: z.strictObject({ limit: z.coerce.number().int().min(1).max(1000).default(200) }),
      answer: logAnswer,
      handle: ({ query: { limit } }) => ({ lines: sources.log(limit) }),
    }),
    defineRoute({
      method: 'GET',
      path: '/api/v1/config',
      needs: 'admin',
      reach: 'all',
      summary: 'The effective configuration, secrets redacted',
      answer: configAnswer,
      handle: () => ({ yaml: available(sources.config(), 'The configuration') }),
    }),
  ];
}

/** Errors quote addresses and answers of servers, so only callers with a session see them. */
async function stateFor(
  asked: ReturnType<typeof available<NonNullable<ReturnType<Sources['agent']>>>>,
  isSignedIn: boolean,
) {
  const state = await asked;
  if (isSignedIn) return state;
  const hide = <Entry extends { readonly error?: string | undefined }>({ error, ...rest }: Entry) =>
    error === undefined ? rest : { ...rest, error: 'Sign in to see the error' };
  return {
    ...state,
    configFiles: [],
    inputs: state.inputs.map(hide),
    outputs: state.outputs.map(hide),
    receivers: state.receivers.map(({ trouble, ...rest }) =>
      trouble === undefined ? rest : { ...rest, trouble: 'Sign in to see the error' },
    ),
  };
}

/** For probes of supervisors and load balancers. */
export function healthRoutes(isReady: () => boolean): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/healthz',
      needs: 'open',
      reach: 'none',
      summary: 'Answers while the process works',
      answer: healthAnswer,
      handle: () => ({ ok: true as const }),
    }),
    defineRoute({
      method: 'GET',
      path: '/readyz',
      needs: 'open',
      reach: 'none',
      summary: 'Answers 200 when inputs and outputs run, 503 before and while the agent stops',
      answer: healthAnswer,
      handle: () => {
        if (!isReady()) throw new HttpError(503, 'The agent is starting or stopping');
        return { ok: true as const };
      },
    }),
  ];
}
