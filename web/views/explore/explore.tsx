/** Any series: found by typing, drawn when it is chosen. */
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { useSignal } from '@preact/signals';

import type { SeriesAnswer } from '../../api/answers.ts';
import { count } from '../../format/value.ts';
import { Filter, filterWords } from '../../parts/filter.tsx';
import { NoAnswer } from '../../parts/no-answer.tsx';
import { useAsked, type Asked } from '../../store/asked.ts';
import { address } from '../../url/location.ts';

import { fieldsOf } from './catalog.ts';
import { ChosenCharts } from './charts.tsx';
import { FieldList } from './fields.tsx';

const WAIT_MS = 150;
const MOST_SETS = 1000;
/** More would not be read. */
const MOST_FIELDS = 100;

export function Explore(): JSX.Element {
  const words = filterWords();
  const asked = useFound(words.join(' '));
  return (
    <main class="ex" id="main">
      <section class="card found">
        <div class="ch tall">
          <h1>Explore</h1>
          <Filter label="Measurement, field, tag, or words of its help" isFirst />
        </div>
        <Found asked={asked} words={words} />
      </section>
      <ChosenCharts />
    </main>
  );
}

/** Asks when the reader rests. */
function useFound(text: string): Asked<SeriesAnswer> {
  const wanted = useSignal(text);
  useEffect(() => {
    const timer = setTimeout(() => {
      wanted.value = text;
    }, WAIT_MS);
    return () => {
      clearTimeout(timer);
    };
  }, [text]);
  return useAsked<SeriesAnswer>('series', { q: wanted.value, limit: MOST_SETS });
}

function Found({ asked, words }: { asked: Asked<SeriesAnswer>; words: readonly string[] }): JSX.Element {
  const { answer } = asked;
  if (answer === undefined) return <NoAnswer of={asked} what="The list of series" />;
  const all = fieldsOf(answer.sets, words);
  if (all.length === 0) {
    return (
      <div class="empty">
        <p>{words.length === 0 ? 'The history has no series yet.' : `No series has “${words.join(' ')}”.`}</p>
        <p class="mut">
          {words.length === 0
            ? 'They appear when the inputs have gathered twice.'
            : 'Words are looked for in measurements, fields, tags and help texts.'}
        </p>
      </div>
    );
  }
  const shown = all.slice(0, MOST_FIELDS);
  return (
    <>
      <FieldList rows={shown} chosen={address.value.search.getAll('s')} />
      {(all.length > shown.length || !answer.isComplete) && (
        <p class="foot mut">
          {answer.isComplete ? `${count(all.length - shown.length, 'field')} more` : 'There are more'}; another word
          finds them.
        </p>
      )}
    </>
  );
}
