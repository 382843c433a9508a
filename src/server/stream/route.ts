/** `GET /api/v1/stream`. */
import type { Clock } from '../../core/clock.ts';
import { z } from '../../plugin/index.ts';

import { EventStream } from '../answer.ts';
import { HttpError } from '../http-error.ts';
import { timeParameter } from '../range.ts';
import type { Route } from '../route.ts';
import type { Sources } from '../sources.ts';

import { StreamFanOut } from './fan-out.ts';

const query = z.strictObject({
  since: timeParameter.describe('Leaves out samples up to this time, ms since the Unix epoch').default(0),
});

export function streamRoute(sources: Sources, clock: Clock): Route {
  const fanOut = new StreamFanOut(sources, clock);
  return {
    method: 'GET',
    path: '/api/v1/stream',
    needs: 'read',
    reach: 'seen',
    about: { summary: 'Server-sent events while somebody looks', query, body: undefined, answer: undefined },
    handle: ({ query: given, caller, message }) => {
      const parsed = query.safeParse(Object.fromEntries(given));
      if (!parsed.success) throw new HttpError(400, 'The only parameter is since: ms since the Unix epoch');
      // A probe of the address must not keep the host gathering.
      if (message.method === 'HEAD') throw new HttpError(405, 'Use GET', { allow: 'GET' });
      fanOut.checkRoom();
      return Promise.resolve(new EventStream((sink) => fanOut.add(sink, caller, parsed.data.since)));
    },
  };
}
