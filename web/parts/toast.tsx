/** One line at the bottom that says what was done, with a way back. Errors stay where they arose and are not said here. */
import { signal } from '@preact/signals';
import type { JSX } from 'preact';

interface Message {
  readonly text: string;
  readonly undo?: () => void;
}

const SHOWN_MS = 6000;

const message = signal<Message | undefined>(undefined);
let timer: ReturnType<typeof setTimeout> | undefined;

export function say(text: string, undo?: () => void): void {
  message.value = { text, ...(undo !== undefined && { undo }) };
  clearTimeout(timer);
  timer = setTimeout(hide, SHOWN_MS);
}

function hide(): void {
  message.value = undefined;
}

export function Toast(): JSX.Element {
  const { text, undo } = message.value ?? {};
  return (
    <div class="toast-place" aria-live="polite">
      {text !== undefined && (
        <div class="toast">
          <span>{text}</span>
          {undo !== undefined && (
            <button
              type="button"
              class="acc"
              onClick={() => {
                hide();
                undo();
              }}
            >
              Undo
            </button>
          )}
        </div>
      )}
    </div>
  );
}
