/** Problems that ended a moment ago: they stay in the list for a while, in grey, so that no row vanishes while it is read. */
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

import type { Finding, FindingsAnswer } from '../../api/answers.ts';
import { SentenceText } from '../../parts/names.tsx';
import { StateIcon } from '../../parts/state.tsx';
import { findings } from '../../store/live.ts';

const STAYS_MS = 30_000;

export function Ended(): JSX.Element {
  const ended = useEnded(findings.value);
  return (
    <>
      {ended.map(({ id, level, sentence }) => (
        <li class="prob ended" key={id}>
          <StateIcon level={level} isQuiet />
          <div class="grow mut">
            <div class="cut">
              <SentenceText of={sentence} />
            </div>
            <div class="ev">ended</div>
          </div>
        </li>
      ))}
    </>
  );
}

/** What ended in the last moments, but for notes. @param now what is found; undefined until it is known */
export function useEnded(now: FindingsAnswer | undefined): readonly Finding[] {
  const before = useRef<readonly Finding[]>([]);
  const ended = useSignal<readonly Finding[]>([]);
  useEffect(() => {
    if (now === undefined) return;
    const isOpen = (id: string) => now.findings.some((finding) => finding.id === id);
    const gone = before.current.filter(({ id, level }) => level !== 'note' && !isOpen(id));
    const stay = ended.peek().filter(({ id }) => !isOpen(id));
    before.current = now.findings;
    if (gone.length > 0 || stay.length < ended.peek().length) ended.value = [...stay, ...gone];
    if (gone.length === 0) return;
    setTimeout(() => (ended.value = ended.peek().filter((finding) => !gone.includes(finding))), STAYS_MS);
  }, [now]);
  return ended.value;
}
