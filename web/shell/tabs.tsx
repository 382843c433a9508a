/** The tabs of a phone, under the thumb. */
import { signal } from '@preact/signals';
import type { JSX } from 'preact';

import { Icon } from '../parts/icon.tsx';
import { Link } from '../parts/link.tsx';
import { Sheet } from '../parts/sheet.tsx';

import { Badge } from './bar.tsx';
import { pathOf, view, views } from '../url/route.ts';
import { nextTheme, theme } from './theme.ts';

const isOpen = signal(false);

export function Tabs(): JSX.Element {
  const others = views.value.filter(({ hasTab }) => !hasTab);
  return (
    <>
      <nav class="tabs" aria-label="Views">
        {views.value
          .filter(({ hasTab }) => hasTab)
          .map((item) => (
            <Link key={item.path} to={pathOf(item)} isCurrent={item === view.value}>
              <span class="tab-icon">
                <Icon name={item.icon} />
                {item.path === 'alerts' && <Badge />}
              </span>
              {item.title}
            </Link>
          ))}
        <button
          type="button"
          aria-haspopup="dialog"
          aria-current={view.value !== undefined && others.includes(view.value) ? 'page' : undefined}
          onClick={() => {
            isOpen.value = true;
          }}
        >
          <span class="tab-icon">
            <Icon name="more" />
          </span>
          More
        </button>
      </nav>
      {isOpen.value && (
        <Sheet title="More" onClose={close}>
          <div class="menu" onClick={close}>
            {others.map((item) => (
              <Link key={item.path} to={pathOf(item)} isCurrent={item === view.value}>
                <Icon name={item.icon} />
                {item.title}
              </Link>
            ))}
            <button type="button" onClick={nextTheme}>
              <Icon name="theme" />
              Theme: {theme.value}
            </button>
          </div>
        </Sheet>
      )}
    </>
  );
}

function close(): void {
  isOpen.value = false;
}
