/** What is wrong, counted. Handled problems are in no headline and no badge. */
import type { Finding, FindingsAnswer } from '../api/answers.ts';
import { count } from '../format/value.ts';

export interface Problems {
  /** Needs somebody: critical and not handled. */
  readonly now: number;
  /** Warnings and unknown states that are not handled. */
  readonly soon: number;
  readonly acknowledged: number;
  readonly silenced: number;
  readonly notes: number;
  readonly fine: number;
  /** Firing alerts that are not handled. */
  readonly firing: number;
  /** Of what is not handled; undefined if there is nothing but notes. */
  readonly worst: Finding['level'] | undefined;
}

export function isHandled({ alert }: Finding): boolean {
  return alert?.acknowledgedBy !== undefined || alert?.silencedUntil !== undefined;
}

export function summarize(answer: FindingsAnswer | undefined): Problems {
  const all = answer?.findings ?? [];
  const open = all.filter((finding) => !isHandled(finding) && finding.level !== 'note');
  const level = (name: Finding['level']) => open.filter((finding) => finding.level === name).length;
  const worst = (['critical', 'warning', 'unknown'] as const).find((name) => level(name) > 0);
  return {
    now: level('critical'),
    soon: level('warning') + level('unknown'),
    acknowledged: all.filter(({ alert }) => alert?.acknowledgedBy !== undefined).length,
    silenced: all.filter(({ alert }) => alert?.acknowledgedBy === undefined && alert?.silencedUntil !== undefined)
      .length,
    notes: all.filter((finding) => !isHandled(finding) && finding.level === 'note').length,
    fine: answer?.fine ?? 0,
    firing: open.filter(({ alert }) => alert !== undefined).length,
    worst,
  };
}

/** `2 things need you now, 1 soon`. */
export function headline({ now, soon }: Problems): string {
  if (now === 0 && soon === 0) return 'Nothing is wrong';
  const things = (number: number, word: string) =>
    `${count(number, 'thing')} ${number === 1 ? 'needs' : 'need'} you ${word}`;
  if (now === 0) return things(soon, 'soon');
  return soon === 0 ? things(now, 'now') : `${things(now, 'now')}, ${soon} soon`;
}

/** `1 acknowledged, 1 note · 41 checks are fine`. */
export function restLine({ acknowledged, silenced, notes, fine }: Problems): string {
  const parts = [
    acknowledged > 0 ? `${acknowledged} acknowledged` : '',
    silenced > 0 ? `${silenced} silenced` : '',
    notes > 0 ? count(notes, 'note') : '',
  ].filter((part) => part !== '');
  const checks = fine > 0 ? `${count(fine, 'check')} ${fine === 1 ? 'is' : 'are'} fine` : '';
  return [parts.join(', '), checks].filter((part) => part !== '').join(' · ');
}
