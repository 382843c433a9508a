/** Who was notified, and why; or why nobody was. */
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';

import type { Said, WhyAnswer, WhyStep } from '../../api/answers.ts';
import { clockSeconds, day, moment } from '../../format/time.ts';
import { keptUnits } from '../../parts/names.tsx';
import { Icon, type IconName } from '../../parts/icon.tsx';
import { NoAnswer } from '../../parts/no-answer.tsx';
import { usePrivate } from '../../store/asked.ts';

import type { ShownAlert } from './shown.ts';

const REFRESH_MS = 10_000;
const MOST = 200;
const SHOWN = 12;

type Tone = 'crit' | 'warn' | 'ok' | 'mut';

const SHAPES: Readonly<Record<WhyStep['mark'], readonly [IconName, Tone]>> = {
  critical: ['crit', 'crit'],
  warning: ['warn', 'warn'],
  ok: ['ok', 'ok'],
  sent: ['ok', 'ok'],
  failed: ['warn', 'warn'],
  held: ['mute', 'mut'],
  ack: ['ack', 'mut'],
  handover: ['right', 'mut'],
  note: ['info', 'mut'],
};

export function Told({ shown: { fingerprint } }: { shown: ShownAlert }): JSX.Element {
  const asked = usePrivate<WhyAnswer>(`alerts/${encodeURIComponent(fingerprint)}/why`, { limit: MOST }, REFRESH_MS);
  const { answer } = asked;
  return (
    <section class="card">
      <div class="ch">
        <h2>Who was notified, and why</h2>
      </div>
      {answer === undefined ? <NoAnswer of={asked} what="The history of an alert" /> : <Story answer={answer} />}
    </section>
  );
}

function Story({ answer }: { answer: WhyAnswer }): JSX.Element {
  const { says, steps, now, hub } = answer;
  return (
    <>
      <p class="noted wrap">{keptUnits(textOf(says, now))}</p>
      {hub?.isHeard === false && (
        <p class="noted mut s wrap">The hub does not say what it did: {hub.error ?? 'it does not answer'}</p>
      )}
      {steps.length > 0 && <Steps answer={answer} />}
    </>
  );
}

/** The newest are shown: an alert that flaps has hundreds. */
function Steps({ answer: { steps, hop, now } }: { answer: WhyAnswer }): JSX.Element {
  const isAll = useSignal(false);
  const shown = isAll.value ? steps : steps.slice(-SHOWN);
  const isAlone = steps.every((step) => step.hop.role === hop.role && step.hop.name === hop.name);
  return (
    <ol class="told">
      {shown.length < steps.length && (
        <li>
          <button
            type="button"
            class="acc"
            onClick={() => {
              isAll.value = true;
            }}
          >
            {steps.length - shown.length} before
          </button>
        </li>
      )}
      {shown.map((step, index) => (
        <Step key={`${step.at} ${index}`} step={step} before={shown[index - 1]} isAlone={isAlone} now={now} />
      ))}
    </ol>
  );
}

interface StepProps {
  readonly step: WhyStep;
  readonly before: WhyStep | undefined;
  /** Only one process has to do with the alert, so it is not named. */
  readonly isAlone: boolean;
  readonly now: number;
}

function Step({ step, before, isAlone, now }: StepProps): JSX.Element {
  const { at, mark, title, why, hop } = step;
  const [icon, tone] = SHAPES[mark];
  const isNewDay = before === undefined || day(before.at) !== day(at);
  const reason = textOf(why, now);
  return (
    <>
      {isNewDay && <li class="told-day mut s">{day(at)}</li>}
      <li>
        <time class="mut s">{clockSeconds(at)}</time>
        <Icon name={icon} tone={tone} />
        <div class="grow">
          <div class="wrap">
            {title}
            {!isAlone && <span class="mut s"> · {`${hop.role} ${hop.name}`.trim()}</span>}
          </div>
          {reason !== '' && <div class="mut s wrap">{keptUnits(reason)}</div>}
        </div>
      </li>
    </>
  );
}

/** Numbers are times. */
function textOf(said: Said, now: number): string {
  return said.map((piece) => (typeof piece === 'number' ? moment(piece, now) : piece)).join('');
}
