/** The bar on top. */
import type { JSX } from 'preact';

import { Icon } from '../parts/icon.tsx';
import { Link } from '../parts/link.tsx';
import { isPhone } from '../parts/media.ts';
import { StateIcon } from '../parts/state.tsx';
import { findings, host, isHub } from '../store/live.ts';
import { summarize } from '../store/problems.ts';

import { isSearching } from './dialogs.ts';
import { LiveMark } from './live-mark.tsx';
import { pathOf, view, views } from '../url/route.ts';
import { nextTheme, theme } from './theme.ts';

export function Bar(): JSX.Element {
  return isPhone.value ? <PhoneBar /> : <WideBar />;
}

function WideBar(): JSX.Element {
  return (
    <header class="top">
      <Link class="logo" to="/" label="healthd, overview">
        <Mark />
        healthd
      </Link>
      <HostName />
      <nav class="nav" aria-label="Views">
        {views.value.map((item) => (
          <Link key={item.path} to={pathOf(item)} isCurrent={item === view.value}>
            {item.title}
            {item.path === 'alerts' && <Badge />}
          </Link>
        ))}
      </nav>
      <span class="grow" />
      <button type="button" class="find" aria-label="Metric, process, host" onClick={openSearch}>
        <Icon name="find" />
        <span class="grow">Metric, process, host</span>
        <kbd>/</kbd>
      </button>
      <ThemeButton />
    </header>
  );
}

function PhoneBar(): JSX.Element {
  const worst = summarize(findings.value).worst;
  return (
    <header class="pt">
      {worst !== undefined && <StateIcon level={worst} />}
      <span class="pt-name cut" title={host.value?.name}>
        {host.value?.name ?? 'healthd'}
      </span>
      <span class="grow" />
      <LiveMark />
      <button type="button" class="ib" aria-label="Find" onClick={openSearch}>
        <Icon name="find" />
      </button>
    </header>
  );
}

function openSearch(): void {
  isSearching.value = true;
}

function Mark(): JSX.Element {
  return (
    <svg class="mark" viewBox="0 0 20 20" aria-hidden="true">
      <path d="M1.5 11h4l2.5-7 4.5 12 2.3-5h3.7" />
    </svg>
  );
}

/** A hub has others to switch to. */
function HostName(): JSX.Element {
  const name = host.value?.name ?? '';
  const text = <span class="cut">{name}</span>;
  return isHub.value ? (
    <button type="button" class="hostsw" title={`${name}: other hosts`} onClick={openSearch}>
      {text}
      <Icon name="down1" />
    </button>
  ) : (
    <span class="hostsw" title={name}>
      {text}
    </span>
  );
}

export function Badge(): JSX.Element | null {
  const { firing } = summarize(findings.value);
  return firing === 0 ? null : (
    <span class="badge" aria-label={`${firing} firing`}>
      {firing}
    </span>
  );
}

export function ThemeButton(): JSX.Element {
  return (
    <button
      type="button"
      class="ib"
      aria-label={`Theme: ${theme.value}`}
      title={`Theme: ${theme.value}`}
      onClick={nextTheme}
    >
      <Icon name="theme" />
    </button>
  );
}
