/** What an alert says, and what can be done about it. */
import type { JSX } from 'preact';

import { moment, since } from '../../format/time.ts';
import { roughDuration } from '../../format/value.ts';
import { Icon } from '../../parts/icon.tsx';
import { Link } from '../../parts/link.tsx';
import { isPhone } from '../../parts/media.ts';
import { keptUnits } from '../../parts/names.tsx';
import { copyText } from '../../parts/copy-button.tsx';
import { StateIcon } from '../../parts/state.tsx';
import { agentTime } from '../../store/clock.ts';
import { session } from '../../store/live.ts';

import { withdraw } from './acts.ts';
import { alertPath } from './model.ts';
import { isHandledAlert, type ShownAlert } from './shown.ts';

const STATES = { pending: 'not firing yet', firing: 'firing', recovering: 'recovering', ended: 'ended' } as const;
const WORDS = { critical: 'Critical', warning: 'Warning', unknown: 'Unknown', note: 'Note' } as const;
const TONES = { critical: 'crit', warning: 'warn', unknown: 'unk', note: 'two' } as const;

export function AlertHead({ shown }: { shown: ShownAlert }): JSX.Element {
  return isPhone.value ? <PhoneHead shown={shown} /> : <WideHead shown={shown} />;
}

function WideHead({ shown }: { shown: ShownAlert }): JSX.Element {
  const { level, summary, host, rule, fingerprint, finding } = shown;
  const isQuiet = isOver(shown);
  return (
    <section class="card dh">
      <h1>
        <StateIcon level={level} isQuiet={isQuiet} /> <span class="wrap">{keptUnits(summary)}</span>
      </h1>
      <p class="mut">
        {[stateText(shown), host, `rule ${rule}`, `id ${fingerprint.slice(0, 8)}`].filter(Boolean).join(' · ')}
      </p>
      {finding !== undefined && finding.evidence !== '' && <p class="two">{keptUnits(finding.evidence)}</p>}
      <Handled shown={shown} />
      <WideActs shown={shown} />
    </section>
  );
}

function PhoneHead({ shown }: { shown: ShownAlert }): JSX.Element {
  const { level, summary, host, rule, finding } = shown;
  return (
    <section class="dh">
      <p class="row">
        <Link class="acc row back" to="/alerts" keys={{ do: undefined, for: undefined }}>
          <Icon name="left" />
          Alerts
        </Link>
        <span class="grow" />
        <button type="button" class="ib" aria-label="Copy link" onClick={() => void copyLink(shown)}>
          <Icon name="link" />
        </button>
      </p>
      <p class={`row ${isOver(shown) ? 'two' : TONES[level]}`}>
        <StateIcon level={level} isQuiet={isOver(shown)} />
        <b>{WORDS[level]}</b>
        <span class="mut">{stateText(shown)}</span>
      </p>
      <h1 class="wrap">{keptUnits(summary)}</h1>
      <p class="mut s">{[host, `rule ${rule}`].filter(Boolean).join(' · ')}</p>
      {finding !== undefined && finding.evidence !== '' && (
        <p class="who">
          <Icon name="proc" />
          <span>{keptUnits(finding.evidence)}</span>
        </p>
      )}
      <Handled shown={shown} />
    </section>
  );
}

function isOver({ state, listed }: ShownAlert): boolean {
  return state === 'ended' || state === 'pending' || (listed !== undefined && isHandledAlert(listed.alert));
}

function stateText({ state, startsAt, endsAt, listed }: ShownAlert): string {
  const now = agentTime();
  if (state === 'ended')
    return `ended ${since(endsAt ?? now, now)}, lasted ${roughDuration((endsAt ?? now) - startsAt)}`;
  if (state === 'pending') {
    const left = startsAt + (listed?.firesAfter ?? 0) - now;
    return left > 0 ? `fires in ${roughDuration(left)} if it stays` : STATES.pending;
  }
  return `${STATES[state]} for ${roughDuration(now - startsAt)}, since ${since(startsAt, now)}`;
}

/** Who takes care of it, or why nobody is notified. */
function Handled({ shown: { listed } }: { shown: ShownAlert }): JSX.Element | null {
  if (listed === undefined) return null;
  const { ack, fingerprint, silenced } = listed.alert;
  const others = listed.suppressed.filter((reason) => !reason.startsWith('acknowledged'));
  if (ack === undefined && others.length === 0) return null;
  return (
    <div class="handled">
      {ack !== undefined && (
        <p class="row">
          <Icon name="ack" tone="mut" />
          <span class="grow wrap">
            Acknowledged by <b>{ack.by}</b> at {moment(ack.at, agentTime())}
            {ack.comment === '' ? '' : `: ${ack.comment}`}
          </span>
          {mayAct() && (
            <button type="button" class="btn q" onClick={() => void withdraw(fingerprint)}>
              Withdraw
            </button>
          )}
        </p>
      )}
      {others.map((reason) => (
        <p key={reason} class="row">
          <Icon name={silenced ? 'mute' : 'info'} tone="mut" />
          <span class="grow wrap">Nobody is notified: {reason}</span>
        </p>
      ))}
    </div>
  );
}

function copyLink({ fingerprint }: ShownAlert): Promise<void> {
  return copyText(new URL(alertPath(fingerprint), location.href).href, 'The link');
}

function mayAct(): boolean {
  return session.value?.mayAct === true;
}

const DURATIONS = [
  ['1h', '1 h'],
  ['4h', '4 h'],
  ['morning', 'until 08:00'],
] as const;

function WideActs({ shown }: { shown: ShownAlert }): JSX.Element {
  const canAct = shown.listed !== undefined && shown.state !== 'pending';
  return (
    <div class="dacts">
      {canAct && shown.listed.alert.ack === undefined && (
        <Link class="btn p" keys={{ do: 'ack' }}>
          <Icon name="ack" />
          Acknowledge
          <kbd>a</kbd>
        </Link>
      )}
      {canAct && (
        <div class="seg" role="group" aria-label="Silence for">
          <span class="seg-name">
            <Icon name="mute" />
            Silence
          </span>
          {DURATIONS.map(([span, text]) => (
            <Link key={span} class="seg-a" keys={{ do: 'silence', for: span }}>
              {text}
            </Link>
          ))}
        </div>
      )}
      <span class="grow" />
      <Link class="btn" keys={{ do: 'limit' }}>
        Change limit
      </Link>
      <button type="button" class="btn" onClick={() => void copyLink(shown)}>
        <Icon name="link" />
        Copy link
      </button>
    </div>
  );
}

/** Under the thumb, instead of the tabs. */
export function PhoneActs({ shown }: { shown: ShownAlert }): JSX.Element | null {
  if (shown.listed === undefined || shown.state === 'pending') return null;
  return (
    <div class="act" role="toolbar" aria-label="What can be done">
      {shown.listed.alert.ack === undefined ? (
        <Link class="btn p" keys={{ do: 'ack' }}>
          <Icon name="ack" />
          Acknowledge
        </Link>
      ) : (
        <Link class="btn" keys={{ do: 'limit' }}>
          Change limit
        </Link>
      )}
      <Link class="btn" keys={{ do: 'silence', for: '1h' }}>
        <Icon name="mute" />
        Silence
      </Link>
    </div>
  );
}
