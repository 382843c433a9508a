/** What is wrong, who is busy, and how the machine does: live, on one screen. */
import type { JSX } from 'preact';

import { later } from '../../parts/later.tsx';
import { isPhone } from '../../parts/media.ts';
import { loadSoon } from '../load.ts';

import { Charts } from './charts.tsx';
import { Problems } from './problems.tsx';

const HostLine = later(
  async () => (await loadSoon()).HostLine,
  () => <div class="head" />,
);
const Busy = later(
  async () => (await loadSoon()).Busy,
  () => <section class="card busy" aria-busy="true" />,
);
const SelectionBar = later(async () => (await loadSoon()).SelectionBar);
const Side = later(
  async () => (await loadSoon()).Side,
  () => <div class="side" />,
);
const PhoneOverview = later(
  async () => (await loadSoon()).PhoneOverview,
  () => <main class="phone" id="main" aria-busy="true" />,
);

export function Overview(): JSX.Element {
  if (isPhone.value) return <PhoneOverview />;
  return (
    <main id="main">
      <HostLine />
      <div class="ov">
        <Problems />
        <Busy />
        <Charts />
        <Side />
      </div>
      <SelectionBar />
    </main>
  );
}
