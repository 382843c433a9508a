/** Says what was done, with a way back. */
import { signal } from '@preact/signals';

export interface Message {
  readonly text: string;
  readonly undo?: () => void;
}

const SHOWN_MS = 6000;

export const message = signal<Message | undefined>(undefined);
let timer: ReturnType<typeof setTimeout> | undefined;

export function say(text: string, undo?: () => void): void {
  message.value = { text, ...(undo !== undefined && { undo }) };
  clearTimeout(timer);
  timer = setTimeout(hide, SHOWN_MS);
}

export function hide(): void {
  message.value = undefined;
}
