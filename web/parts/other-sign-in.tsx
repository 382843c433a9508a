/** The way to a session by the OpenID provider, if there is one. */
import type { JSX } from 'preact';

import { session } from '../store/live.ts';

export function OtherSignIn(): JSX.Element | null {
  const title = session.value?.oidc;
  return title === undefined ? null : (
    <a class="btn" href="/api/v1/session/oidc">
      Sign in with {title}
    </a>
  );
}
