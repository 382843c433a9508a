/** The form of an agent that shows nothing without a session. */
import type { JSX } from 'preact';

import { OtherSignIn } from '../parts/other-sign-in.tsx';
import { Icon } from '../parts/icon.tsx';
import { useSignIn } from '../parts/use-sign-in.ts';
import { session, tokenRefusal } from '../store/live.ts';

export function SignIn(): JSX.Element {
  return (
    <main class="sign-in">
      <section class="card">
        <h1>healthd on {location.hostname}</h1>
        {session.value?.hasPassword === true ? <Form /> : <NoPassword />}
        <OtherSignIn />
      </section>
    </main>
  );
}

function Form(): JSX.Element {
  const { error, isBusy, onSubmit } = useSignIn(tokenRefusal.value);
  return (
    <form onSubmit={onSubmit}>
      {session.value?.hasUsers === true && (
        <label class="fld">
          <span>Name</span>
          <input name="user" autocomplete="username" />
        </label>
      )}
      <label class="fld">
        <span>Password</span>
        <input name="password" type="password" autocomplete="current-password" required autofocus />
      </label>
      <Problem text={error.value} />
      <button type="submit" class="btn p" disabled={isBusy.value}>
        Sign in
      </button>
    </form>
  );
}

function NoPassword(): JSX.Element {
  return (
    <>
      <Problem text={tokenRefusal.value} />
      <p class="two">
        Open the one-time address that <code>healthd run</code> printed, or set a password in the configuration.
      </p>
    </>
  );
}

function Problem({ text }: { text: string | undefined }): JSX.Element {
  return (
    <p class="problem-line crit" role="alert">
      {text !== undefined && (
        <>
          <Icon name="crit" tone="crit" />
          {text}
        </>
      )}
    </p>
  );
}
