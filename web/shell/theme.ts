/** Dark, light, or as the system has it. The address wins over what the browser remembers. */
import { effect, signal } from '@preact/signals';

import { readPalette } from '../chart/palette.ts';
import { address } from '../url/location.ts';

export type Theme = 'system' | 'dark' | 'light';

const KEY = 'healthd-theme';
const ORDER: readonly Theme[] = ['system', 'dark', 'light'];

export const theme = signal<Theme>(asTheme(address.peek().search.get('theme')) ?? asTheme(remembered()) ?? 'system');

export function startTheme(): void {
  matchMedia('(prefers-color-scheme: light)').addEventListener('change', readPalette);
  effect(() => {
    const { dataset } = document.documentElement;
    if (theme.value === 'system') delete dataset['theme'];
    else dataset['theme'] = theme.value;
    readPalette();
  });
}

export function nextTheme(): void {
  theme.value = ORDER[(ORDER.indexOf(theme.value) + 1) % ORDER.length] ?? 'system';
  remember(theme.value);
}

function asTheme(text: string | null): Theme | undefined {
  return ORDER.find((candidate) => candidate === text);
}

function remembered(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

function remember(value: Theme): void {
  try {
    localStorage.setItem(KEY, value);
  } catch {
    // A browser that may store nothing forgets it with the tab.
  }
}
