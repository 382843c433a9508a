/** All keys of the page. Views add theirs while they are shown; letters do nothing while the reader types. */
import { useEffect } from 'preact/hooks';

export interface KeyBinding {
  /** `j`, `Escape`, `g t`: one after the other. */
  readonly keys: string;
  /** For the help. */
  readonly does: string;
  readonly run: (event: KeyboardEvent) => void;
}

const SEQUENCE_MS = 1000;

const groups = new Set<readonly KeyBinding[]>();
let isOn = true;
let before: { readonly key: string; readonly at: number } | undefined;

/** @param bindings must stay the same object */
export function useKeys(bindings: readonly KeyBinding[]): void {
  useEffect(() => {
    groups.add(bindings);
    return () => {
      groups.delete(bindings);
    };
  }, [bindings]);
}

export function allKeys(): readonly KeyBinding[] {
  return [...groups].flat();
}

export function areKeysOn(): boolean {
  return isOn;
}

/** Single letters get in the way of speech input (WCAG 2.1.4). */
export function turnKeys(on: boolean): void {
  isOn = on;
}

export function startKeys(): void {
  addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    // A dialog closes itself, and its keys are its own.
    if (document.querySelector('dialog[open]') !== null) return;
    if (event.key !== 'Escape' && (!isOn || isTyping(event.target))) return;
    const sequence =
      before !== undefined && event.timeStamp - before.at < SEQUENCE_MS ? `${before.key} ${event.key}` : '';
    before = { key: event.key, at: event.timeStamp };
    // The newest first: a dialog's Escape before the page's.
    const found = [...groups]
      .toReversed()
      .flat()
      .find(({ keys }) => keys === sequence || keys === event.key);
    if (found === undefined) return;
    before = undefined;
    event.preventDefault();
    found.run(event);
  });
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches('input, textarea, select, [contenteditable]');
}
