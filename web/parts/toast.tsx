/** One line at the bottom. Errors stay where they arose and are not said here. */
import type { JSX } from 'preact';

import { hide, message } from './say.ts';

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
