/** A link inside the page: no reload, and the keys of the address that all views share are kept. */
import type { ComponentChildren, JSX } from 'preact';

import { address, goTo, hrefWith, type Changes } from '../url/location.ts';

export interface LinkProps {
  /** Undefined: the view that is shown. */
  readonly to?: string;
  readonly keys?: Changes;
  readonly class?: string;
  readonly isCurrent?: boolean;
  readonly label?: string;
  readonly children: ComponentChildren;
}

export function Link({ to, keys = {}, isCurrent = false, label, children, ...rest }: LinkProps): JSX.Element {
  const path = to ?? address.value.path;
  return (
    <a
      {...rest}
      href={hrefWith(keys, path)}
      aria-label={label}
      aria-current={isCurrent ? 'page' : undefined}
      onClick={(event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
        event.preventDefault();
        goTo(keys, path);
        if (to !== undefined) scrollTo(0, 0);
      }}
    >
      {children}
    </a>
  );
}
