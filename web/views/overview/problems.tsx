/** What is wrong, in sentences. */
import { useSignal, type Signal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useMemo, useRef } from 'preact/hooks';

import type { Finding, FindingsAnswer } from '../../api/answers.ts';
import { clockSeconds, since } from '../../format/time.ts';
import { roughDuration } from '../../format/value.ts';
import { Icon } from '../../parts/icon.tsx';
import { later } from '../../parts/later.tsx';
import { Link } from '../../parts/link.tsx';
import { MoreRow } from '../../parts/more-row.tsx';
import { keptUnits, SentenceText } from '../../parts/names.tsx';
import { StateIcon } from '../../parts/state.tsx';
import { useKeys, type KeyBinding } from '../../shell/keys.ts';
import { agentTime } from '../../store/clock.ts';
import { findings } from '../../store/live.ts';
import { headline, isHandled, restLine, summarize } from '../../store/problems.ts';

import { loadSoon } from '../load.ts';

import { silencePath, subjectOf } from './acts.ts';

const MOST_ROWS = 5;

const Ended = later(async () => (await loadSoon()).Ended);

export function Problems(): JSX.Element {
  const { answer, waiting, hold, release } = useHeldFindings();
  const isAll = useSignal(false);
  const isCalm = answer?.findings.length === 0;
  return (
    <section class="card probs" onPointerEnter={hold} onPointerLeave={release} onFocusIn={hold} onFocusOut={release}>
      <div class="ph">
        {isCalm && <Icon name="ok" tone="ok" />}
        <h2 aria-live="polite">{answer === undefined ? 'Looking for problems' : headline(summarize(answer))}</h2>
        <span class="mut push cut">
          {waiting > 0 ? (
            <button type="button" class="pill" onClick={release}>
              {waiting === 1 ? '1 new problem' : `${waiting} new problems`}
            </button>
          ) : (
            restLine(summarize(answer))
          )}
        </span>
      </div>
      {answer !== undefined && isCalm && <NothingWrong answer={answer} />}
      <List all={answer?.findings ?? []} isAll={isAll} />
    </section>
  );
}

function List({ all, isAll }: { all: readonly Finding[]; isAll: Signal<boolean> }): JSX.Element {
  const list = useRef<HTMLOListElement>(null);
  useKeys(useMemo(() => listKeys(list), []));
  const shown = isAll.value || all.length <= MOST_ROWS ? all : all.slice(0, MOST_ROWS - 1);
  return (
    <ol ref={list} class={isAll.value ? 'all' : ''}>
      {shown.map((finding) => (
        <Problem key={finding.id} finding={finding} />
      ))}
      <Ended />
      <MoreRow count={all.length - shown.length} isAll={isAll} />
    </ol>
  );
}

export function NothingWrong({ answer: { fine, at } }: { answer: FindingsAnswer }): JSX.Element {
  return (
    <p class="nothing two">
      {fine} checks passed at {clockSeconds(at)}.
    </p>
  );
}

function Problem({ finding }: { finding: Finding }): JSX.Element {
  const { level, sentence, evidence } = finding;
  const isQuiet = isHandled(finding);
  const { path, keys } = subjectOf(finding);
  return (
    <li class={level === 'critical' && !isQuiet ? 'prob c' : 'prob'} data-id={finding.id}>
      <StateIcon level={level} isQuiet={isQuiet} />
      <Link to={path} keys={keys} class="grow">
        <div class="st cut">
          <SentenceText of={sentence} />
        </div>
        <div class="ev cut">{keptUnits(evidence)}</div>
      </Link>
      <Since at={finding.since} />
      <Acts finding={finding} />
    </li>
  );
}

function Since({ at }: { at: number | null }): JSX.Element {
  const now = agentTime();
  if (at === null) return <div class="si" />;
  return (
    <div class="si">
      <div>{roughDuration(now - at)}</div>
      <div>since {since(at, now)}</div>
    </div>
  );
}

function Acts({ finding }: { finding: Finding }): JSX.Element {
  const { alert, level } = finding;
  const { path, keys } = subjectOf(finding);
  if (alert !== undefined && level === 'critical' && !isHandled(finding)) {
    return (
      <div class="acts">
        <button
          type="button"
          class="btn q"
          data-act="acknowledge"
          onClick={() => void loadSoon().then((soon) => soon.acknowledge(finding))}
        >
          Acknowledge
        </button>
        <Link class="btn q" {...silencePath(alert.fingerprint)}>
          Silence
        </Link>
      </div>
    );
  }
  return (
    <div class="acts">
      {alert?.acknowledgedBy !== undefined && (
        <span class="row mut by">
          <Icon name="ack" tone="mut" label="Acknowledged" />
          <span class="cut">by {alert.acknowledgedBy}</span>
        </span>
      )}
      {alert?.acknowledgedBy === undefined && alert?.silencedUntil !== undefined && (
        <span class="row mut by">
          <Icon name="mute" tone="mut" label="Silenced" />
          <span class="cut">until {since(alert.silencedUntil, agentTime())}</span>
        </span>
      )}
      <Link class="ib go" to={path} keys={keys} label="Open">
        <Icon name="right" />
      </Link>
    </div>
  );
}

/** While the pointer or the focus is inside, new problems wait, so that no row moves under it. */
function useHeldFindings() {
  const held = useSignal<FindingsAnswer | undefined>(undefined);
  useEffect(() => {
    // A held list still loses what ended and shows what was acknowledged.
    if (held.value !== undefined && findings.value !== undefined) held.value = merged(held.value, findings.value);
  }, [findings.value]);
  const now = findings.value;
  const known = new Set(held.value?.findings.map(({ id }) => id));
  return {
    answer: held.value ?? now,
    waiting: held.value === undefined ? 0 : (now?.findings.filter(({ id }) => !known.has(id)).length ?? 0),
    hold: () => {
      held.value ??= now;
    },
    release: () => {
      held.value = undefined;
    },
  };
}

function merged(held: FindingsAnswer, now: FindingsAnswer): FindingsAnswer {
  const byId = new Map(now.findings.map((finding) => [finding.id, finding]));
  return { ...now, findings: held.findings.map((finding) => byId.get(finding.id) ?? finding) };
}

function listKeys(list: { readonly current: HTMLOListElement | null }): readonly KeyBinding[] {
  const rows = () => [...(list.current?.querySelectorAll<HTMLElement>('li.prob') ?? [])];
  const move = (by: number) => {
    const all = rows();
    const at = all.findIndex((row) => row.contains(document.activeElement));
    const next = all[at === -1 ? (by > 0 ? 0 : all.length - 1) : Math.max(0, Math.min(all.length - 1, at + by))];
    next?.querySelector<HTMLElement>('a, button')?.focus();
  };
  const current = () => rows().find((row) => row.contains(document.activeElement));
  return [
    {
      keys: 'j',
      does: 'next problem; Enter opens it',
      run: () => {
        move(1);
      },
    },
    {
      keys: 'k',
      does: 'problem before',
      run: () => {
        move(-1);
      },
    },
    {
      keys: 'a',
      does: 'acknowledge the problem',
      run: () => current()?.querySelector<HTMLElement>('[data-act]')?.click(),
    },
    { keys: 's', does: 'silence the problem', run: () => current()?.querySelector<HTMLElement>('a.btn')?.click() },
  ];
}
