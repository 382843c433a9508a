/** Routes that act on the agent itself. */
import { reloadAnswer, stopAnswer } from '../../api/control.ts';

import { available } from '../http-error.ts';
import { defineRoute, type Route } from '../route.ts';
import type { Sources } from '../sources.ts';

export function controlRoutes({ control }: Pick<Sources, 'control'>): readonly Route[] {
  return [
    defineRoute({
      method: 'POST',
      path: '/api/v1/reload',
      scope: 'owner',
      summary: 'Reads the configuration again and puts it to use',
      answer: reloadAnswer,
      handle: () => available(control(), 'Reloading').reload(),
    }),
    defineRoute({
      method: 'POST',
      path: '/api/v1/stop',
      scope: 'owner',
      summary: 'Stops the agent',
      answer: stopAnswer,
      handle: () => available(control(), 'Stopping').stop(),
    }),
  ];
}
