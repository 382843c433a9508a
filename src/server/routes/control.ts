/** Routes that act on the agent itself. */
import { flushAnswer, reloadAnswer, stopAnswer } from '../../api/control.ts';

import { available } from '../http-error.ts';
import { defineRoute, type Route } from '../route.ts';
import type { Sources } from '../sources.ts';

export function controlRoutes({ control, history }: Pick<Sources, 'control' | 'history'>): readonly Route[] {
  return [
    defineRoute({
      method: 'POST',
      path: '/api/v1/history/flush',
      needs: 'owner',
      reach: 'all',
      act: null,
      summary: 'Writes what was gathered until now to the files, for a command that reads them',
      answer: flushAnswer,
      handle: async () => {
        await available(history(), 'The history').flush();
        return {};
      },
    }),
    defineRoute({
      method: 'POST',
      path: '/api/v1/reload',
      needs: 'owner',
      reach: 'all',
      act: 'reloaded',
      summary: 'Reads the configuration again and puts it to use',
      answer: reloadAnswer,
      handle: () => available(control(), 'Reloading').reload(),
    }),
    defineRoute({
      method: 'POST',
      path: '/api/v1/stop',
      needs: 'owner',
      reach: 'all',
      act: 'stopped',
      summary: 'Stops the agent',
      answer: stopAnswer,
      handle: () => available(control(), 'Stopping').stop(),
    }),
  ];
}
