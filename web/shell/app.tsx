/** The frame of the page around a view. */
import { computed, useSignal } from '@preact/signals';
import type { ComponentType, JSX } from 'preact';
import { useEffect, useMemo } from 'preact/hooks';

import { tabled } from '../chart/tabled.ts';
import { escape } from '../chart/zoom.ts';
import { Sprite } from '../parts/icon.tsx';
import { later } from '../parts/later.tsx';
import { isPhone } from '../parts/media.ts';
import { elsewhere, host, session } from '../store/live.ts';
import { address, goTo } from '../url/location.ts';
import { badAddress } from '../url/range.ts';
import { Overview } from '../views/overview/overview.tsx';
import { OVERVIEW, type View } from '../url/views.ts';
import { loadRest, loadSoon } from '../views/load.ts';

import { Bar } from './bar.tsx';
import { isHelping, isSearching } from './dialogs.ts';
import { useKeys, type KeyBinding } from './keys.ts';
import { pathOf, view, views } from '../url/route.ts';

const Nowhere = later(async () => (await loadRest()).Nowhere);
const Help = later(async () => (await loadRest()).Help);
const Search = later(async () => (await loadRest()).Search);
const SignIn = later(async () => (await loadRest()).SignIn);
const ChartTable = later(async () => (await loadRest()).ChartTable);
const Banner = later(async () => (await loadSoon()).Banner);
const MoreIcons = later(async () => (await loadSoon()).MoreIcons);
const Toast = later(async () => (await loadSoon()).Toast);
const Tabs = later(
  async () => (await loadSoon()).Tabs,
  () => <nav class="tabs" aria-label="Views" />,
);

export function App(): JSX.Element {
  const mayRead = session.value?.mayRead ?? true;
  return (
    <>
      <Sprite />
      <MoreIcons />
      {mayRead ? <Frame /> : <SignIn />}
    </>
  );
}

/** A screen that nobody touches: no bar, larger values. */
const isWall = computed(() => address.value.search.get('wall') === '1');

function Frame(): JSX.Element {
  useEffect(() => {
    document.documentElement.classList.toggle('wall', isWall.value);
  }, [isWall.value]);
  const bindings = useMemo(pageKeys, [views.value]);
  useKeys(bindings);
  useEffect(() => {
    const name = host.value?.name;
    document.title = [view.value === OVERVIEW ? undefined : view.value?.title, name, 'healthd']
      .filter((part) => part !== undefined)
      .join(' · ');
  }, [view.value, host.value?.name]);
  return (
    <>
      <a class="skip" href="#main">
        Skip to the contents
      </a>
      <Banner />
      {!isWall.value && <Bar />}
      {badAddress.value !== undefined && (
        <p class="bad-address" role="status">
          {badAddress}
        </p>
      )}
      <CurrentView of={view.value} />
      {isPhone.value && <Tabs />}
      {isHelping.value && <Help />}
      {isSearching.value && <Search />}
      {tabled.value !== undefined && <ChartTable />}
      <Toast />
    </>
  );
}

/** Of another host there is what the hub's history has. */
function componentOf(of: View | undefined): View['component'] | 'Elsewhere' {
  return elsewhere.value !== undefined && of?.isOfHost === true && of.isOfHistory !== true
    ? 'Elsewhere'
    : of?.component;
}

/** The Overview is in the first file; the others come when they are opened. */
function CurrentView({ of }: { of: View | undefined }): JSX.Element {
  const loaded = useSignal<{ readonly view: View; readonly Component: ComponentType } | undefined>(undefined);
  const error = useSignal<string | undefined>(undefined);
  useEffect(() => {
    error.value = undefined;
    const component = componentOf(of);
    if (of === undefined || component === undefined) return;
    loadRest().then(
      ({ [component]: Component }) => {
        loaded.value = { view: of, Component };
      },
      () => {
        error.value = `The view ${of.title} could not be loaded. The agent may have been upgraded; load the page again.`;
      },
    );
  }, [of]);
  if (of === undefined) return <Nowhere />;
  if (componentOf(of) === undefined) return <Overview />;
  if (error.value !== undefined)
    return (
      <main id="main" class="alone">
        {error}
      </main>
    );
  const Component = loaded.value?.view === of ? loaded.value.Component : undefined;
  return Component === undefined ? <main id="main" class="alone" aria-busy="true" /> : <Component />;
}

function pageKeys(): readonly KeyBinding[] {
  return [
    ...views.value.map((item) => ({
      keys: `g ${item.key}`,
      does: item.title,
      run: () => {
        goTo({}, pathOf(item));
      },
    })),
    {
      keys: '/',
      does: 'search',
      run: () => {
        isSearching.value = true;
      },
    },
    {
      keys: '?',
      does: 'keys',
      run: () => {
        isHelping.value = true;
      },
    },
    { keys: 'Escape', does: 'unpin, then zoom out', run: escape },
  ];
}
