/** An address that no view has. */
import type { JSX } from 'preact';

import { pathOf } from '../url/route.ts';
import { OVERVIEW } from '../url/views.ts';

export function Nowhere(): JSX.Element {
  return (
    <main id="main" class="alone">
      <h1>There is no such page</h1>
      <p>
        <a class="acc" href={pathOf(OVERVIEW)}>
          To the overview
        </a>
      </p>
    </main>
  );
}
