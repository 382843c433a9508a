/** Disks and containers. */
import type { JSX } from 'preact';

import { useEffect } from 'preact/hooks';

import { followLast } from '../../store/last.ts';

import { Containers } from './containers.tsx';
import { Disks } from './disks.tsx';

export function Side(): JSX.Element {
  useEffect(followLast, []);
  return (
    <div class="side">
      <Disks />
      <Containers />
    </div>
  );
}
