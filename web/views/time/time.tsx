/** All charts over one range. */
import type { JSX } from 'preact';

export function Time(): JSX.Element {
  return <main id="main" class="tm" />;
}
