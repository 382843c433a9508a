/** Fields with unit and help; of a field with several series they unfold. */
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';

import { count } from '../../format/value.ts';
import { Icon } from '../../parts/icon.tsx';
import { address, goTo } from '../../url/location.ts';

import type { FieldRow } from './catalog.ts';

/** The charts of more could not be compared. */
export const MOST_CHOSEN = 8;
const MOST_SERIES = 200;

export function toggleSeries(name: string): void {
  const chosen = address.value.search.getAll('s');
  const next = chosen.includes(name) ? chosen.filter((one) => one !== name) : [...chosen, name].slice(-MOST_CHOSEN);
  goTo({ s: next });
}

export function FieldList({ rows, chosen }: { rows: readonly FieldRow[]; chosen: readonly string[] }): JSX.Element {
  return (
    <ul class="fields">
      {rows.map((row) => (
        <Field key={`${row.measurement}.${row.field.name}`} row={row} chosen={chosen} />
      ))}
    </ul>
  );
}

function Field({ row, chosen }: { row: FieldRow; chosen: readonly string[] }): JSX.Element {
  const { measurement, field, series } = row;
  const isOpen = useSignal(false);
  const [only, another] = series;
  const isOne = only !== undefined && another === undefined;
  const picked = series.filter(({ name }) => chosen.includes(name)).length;
  return (
    <li>
      <button
        type="button"
        class={picked > 0 ? 'field on' : 'field'}
        {...(isOne ? { 'aria-pressed': picked > 0 } : { 'aria-expanded': isOpen.value })}
        onClick={() => {
          if (isOne) toggleSeries(only.name);
          else isOpen.value = !isOpen.value;
        }}
      >
        <span class="field-name cut">
          <span class="mut">{measurement}.</span>
          {field.name}
        </span>
        <span class="mut s nowrap">{kindText(row)}</span>
        <span class="mut s field-help">
          {field.help === '' && field.unit === '' ? 'no input declares it' : field.help}
        </span>
        <span class="field-mark s">
          {isOne ? (
            only.tags !== '' && <span class="two cut">{only.tags}</span>
          ) : (
            <span class="two">
              {picked > 0 ? `${picked} of ` : ''}
              {count(series.length, 'series', 'series')}
            </span>
          )}
          {isOne ? picked > 0 && <Icon name="ok" tone="ok" label="chosen" /> : <Icon name="down1" tone="mut" />}
        </span>
      </button>
      {isOpen.value && <SeriesList series={series} chosen={chosen} />}
    </li>
  );
}

function SeriesList({ series, chosen }: { series: FieldRow['series']; chosen: readonly string[] }): JSX.Element {
  return (
    <ul class="series">
      {series.slice(0, MOST_SERIES).map(({ name, tags }) => (
        <li key={name}>
          <label class="check">
            <input
              type="checkbox"
              checked={chosen.includes(name)}
              onChange={() => {
                toggleSeries(name);
              }}
            />
            <span class="wrap">{tags === '' ? 'no tags' : tags}</span>
          </label>
        </li>
      ))}
      {series.length > MOST_SERIES && (
        <li class="mut s">{series.length - MOST_SERIES} more; another word finds them.</li>
      )}
    </ul>
  );
}

function kindText({ field: { unit, kind, type } }: FieldRow): string {
  if (type === 'string' || type === 'bool') return type === 'bool' ? 'yes or no' : 'text';
  const named = unit === 'percent' ? '%' : unit === 'celsius' ? '°C' : unit;
  return [named, kind === 'counter' ? 'counter, drawn per second' : ''].filter((part) => part !== '').join(', ');
}
