/** What is shown where a session is needed, with the way to one. */
import type { JSX } from 'preact';

import { session } from '../store/live.ts';

import { Icon } from './icon.tsx';
import { useSignIn } from './use-sign-in.ts';

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
  const { error, isBusy, onSubmit } = useSignIn();
  return (
    <form class="sign-line" onSubmit={onSubmit}>
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
