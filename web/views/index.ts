/** The views: a line here and a file each. They are loaded when they are first opened; the Overview is there at once. */
import type { ComponentType } from 'preact';

import type { IconName } from '../parts/icon.tsx';

export interface View {
  readonly title: string;
  /** Last part of the path, below `/h/<host>/` if it is of a host. */
  readonly path: string;
  readonly isOfHost: boolean;
  /** After `g`. */
  readonly key: string;
  readonly icon: IconName;
  /** Whether the phone has a tab for it; the others are under More. */
  readonly hasTab: boolean;
  readonly load: () => Promise<ComponentType>;
}

export const OVERVIEW: View = {
  title: 'Overview',
  path: '',
  isOfHost: true,
  key: 'o',
  icon: 'home',
  hasTab: true,
  load: async () => (await import('./overview/overview.tsx')).Overview,
};

export const VIEWS: readonly View[] = [
  OVERVIEW,
  {
    title: 'Time',
    path: 'time',
    isOfHost: true,
    key: 't',
    icon: 'clock',
    hasTab: true,
    load: async () => (await import('./time/time.tsx')).Time,
  },
];
