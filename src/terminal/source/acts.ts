/** Acknowledges and silences alerts of a running agent. */
import type { ListedAlert } from '../../alerts/control.ts';
import type { Clock } from '../../core/clock.ts';
import { humanDuration } from '../../plugin/message-text.ts';
import { ControlError, type ControlClient } from '../../server/client.ts';

import type { Problem } from './problem.ts';
import type { Acts } from './source.ts';

const COMMENT = 'from healthd top';

export function actsOf(client: ControlClient, by: string, clock: Clock): Acts {
  return {
    async acknowledge(problem) {
      const { fingerprint, rule } = alertOf(problem);
      await client.post('/api/v1/acks', { fingerprint, by, comment: COMMENT });
      return `Acknowledged ${rule} as ${by}`;
    },
    async silence(problem, ms) {
      const { fingerprint, rule } = alertOf(problem);
      const answer = (await client.get('/api/v1/alerts')) as { readonly alerts: readonly ListedAlert[] };
      const listed = answer.alerts.find(({ alert }) => alert.fingerprint === fingerprint);
      if (listed === undefined) throw new ControlError(`The alert of ${rule} has ended`);
      const match = literal({ ...listed.alert.tags, rule });
      await client.post('/api/v1/silences', { match, until: clock.now() + ms, comment: COMMENT, by });
      return `Silenced ${rule} for ${humanDuration(ms)}`;
    },
  };
}

/** Patterns that match these labels and nothing else. */
function literal(labels: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const escaped = (text: string) => text.replace(/[\\*?[\]{}]|^[!~]/g, '\\$&');
  return Object.fromEntries(Object.entries(labels).map(([name, text]) => [name, escaped(text)]));
}

function alertOf({ alert }: Problem): NonNullable<Problem['alert']> {
  if (alert === undefined) throw new ControlError('This is no alert');
  return alert;
}
