/** Silences that are in force or planned. */
import type { JSX } from 'preact';

import type { SilencesAnswer } from '../../api/answers.ts';
import { moment, since } from '../../format/time.ts';
import { Icon } from '../../parts/icon.tsx';
import { useAsked } from '../../store/asked.ts';
import { agentTime } from '../../store/clock.ts';
import { session } from '../../store/live.ts';

import { endSilence } from './acts.ts';

type Silence = SilencesAnswer['silences'][number];

const REFRESH_MS = 5000;

export function Silences(): JSX.Element | null {
  const { answer } = useAsked<SilencesAnswer>('silences', {}, REFRESH_MS);
  const open = (answer?.silences ?? []).filter(({ state }) => state !== 'expired');
  if (open.length === 0) return null;
  return (
    <div>
      <h3 class="lh">
        Silences
        <span>{open.length}</span>
      </h3>
      <ul>
        {open.map((silence) => (
          <Row key={silence.id} silence={silence} />
        ))}
      </ul>
    </div>
  );
}

function Row({
  silence: { id, match, from, until, comment, by, state, isConfigured, isOfHub = false },
}: {
  silence: Silence;
}): JSX.Element {
  const now = agentTime();
  const labels = Object.entries(match)
    .map(([name, pattern]) => `${name}=${typeof pattern === 'string' ? pattern : pattern.join(',')}`)
    .join(' ');
  const span = state === 'pending' && from !== undefined ? `from ${moment(from, now)} ` : '';
  return (
    <li class="arow">
      <Icon name="mute" tone="mut" label="Silence" />
      <div class="grow">
        <div class="cut" title={labels}>
          {labels}
        </div>
        <div class="ev cut">
          {span}until {since(until, now)},{' '}
          {isConfigured ? 'from the configuration' : `by ${by}${isOfHub ? ' at the hub' : ''}`}
          {comment === '' ? '' : `: ${comment}`}
        </div>
      </div>
      {!isConfigured && !isOfHub && session.value?.mayAct === true && (
        <button type="button" class="btn q" onClick={() => void endSilence(id)}>
          End
        </button>
      )}
    </li>
  );
}
