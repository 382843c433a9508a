/** What is wrong, who is busy, and how the machine does: live, on one screen. */
import type { JSX } from 'preact';

import { isPhone } from '../../parts/media.ts';

import { Busy } from './busy.tsx';
import { Charts } from './charts.tsx';
import { Containers } from './containers.tsx';
import { Disks } from './disks.tsx';
import { HostLine } from './host-line.tsx';
import { PhoneOverview } from './phone.tsx';
import { Problems } from './problems.tsx';
import { SelectionBar } from '../../chart/selection-bar.tsx';

export function Overview(): JSX.Element {
  if (isPhone.value) return <PhoneOverview />;
  return (
    <>
      <HostLine />
      <main class="ov" id="main">
        <Problems />
        <Busy rows={7} />
        <Charts />
        <div class="side">
          <Disks />
          <Containers />
        </div>
      </main>
      <SelectionBar />
    </>
  );
}
