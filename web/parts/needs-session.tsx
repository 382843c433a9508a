/** What is shown where a session is needed, with the way to one. */
import type { JSX } from 'preact';

import { session } from '../store/live.ts';

import { Icon } from './icon.tsx';
import { OtherSignIn } from './other-sign-in.tsx';
import { useSignIn } from './use-sign-in.ts';

export function NeedsSession({ what }: { what: string }): JSX.Element {
  const role = session.value?.role ?? null;
  if (role !== null)
    return (
      <p class="empty">
        {what} needs more rights than those of a{role === 'viewer' ? '' : 'n'} {role}.
      </p>
    );
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
      <OtherSignIn />
    </div>
  );
}

function Password(): JSX.Element {
  const { error, isBusy, onSubmit } = useSignIn();
  return (
    <form class="sign-line" onSubmit={onSubmit}>
      {session.value?.hasUsers === true && (
        <input class="text-in" name="user" aria-label="Name" placeholder="Name" autocomplete="username" />
      )}
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
