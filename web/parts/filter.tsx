/** A box whose words stay in the address. */
import type { JSX } from 'preact';

import { isPhone } from './media.ts';
import { address, adjust } from '../url/location.ts';

/** What the reader typed, in small letters. */
export function filterWords(): readonly string[] {
  return (address.value.search.get('q') ?? '').toLowerCase().split(/\s+/).filter(Boolean);
}

export function hasWords(text: string, words: readonly string[]): boolean {
  const small = text.toLowerCase();
  return words.every((word) => small.includes(word));
}

export function Filter({ label, isFirst = false }: { label: string; isFirst?: boolean }): JSX.Element {
  return (
    <input
      class="text-in filter"
      type="search"
      aria-label={label}
      placeholder={label}
      autofocus={isFirst && !isPhone.value}
      value={address.value.search.get('q') ?? ''}
      onInput={({ currentTarget: { value } }) => {
        adjust({ q: value === '' ? undefined : value });
      }}
    />
  );
}
