/** What is shown where a session is needed, with the way to one. */
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';

import { signIn } from '../api/session.ts';
import { session } from '../store/live.ts';

import { Icon } from './icon.tsx';

export function NeedsSession({ what }: { what: string }): JSX.Element {
  return (
    <div class="empty">
      <p>{what} needs you to sign in.</p>
      {session.value?.hasPassword === true ? (
        <Password />
      ) : (
        <p class="mut">
          Open the one-time address that <code>healthd run</code> printed, or set a password in the configuration.
        </p>
      )}
    </div>
  );
}

function Password(): JSX.Element {
  const error = useSignal<string | undefined>(undefined);
  const isBusy = useSignal(false);
  const submit = async (form: HTMLFormElement) => {
    isBusy.value = true;
    try {
      const password = new FormData(form).get('password');
      session.value = await signIn(typeof password === 'string' ? password : '');
    } catch (problem) {
      error.value = problem instanceof Error ? problem.message : String(problem);
      form.querySelector('input')?.select();
    }
    isBusy.value = false;
  };
  return (
    <form
      class="sign-line"
      onSubmit={(event) => {
        event.preventDefault();
        void submit(event.currentTarget);
      }}
    >
      <input
        class="text-in"
        name="password"
        type="password"
        aria-label="Password"
        placeholder="Password"
        autocomplete="current-password"
        required
      />
      <button type="submit" class="btn" disabled={isBusy.value}>
        Sign in
      </button>
      {error.value !== undefined && (
        <p class="problem-line crit" role="alert">
          <Icon name="crit" tone="crit" />
          {error.value}
        </p>
      )}
    </form>
  );
}
