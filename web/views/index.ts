/** The views: a line here, one in `rest.ts`, and a folder each. The Overview is there at once, the others are loaded later. */
import type { ComponentType } from 'preact';

import type { IconName } from '../parts/icon.tsx';

import { loadRest } from './load.ts';

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
  /** Undefined: it is there from the beginning. */
  readonly load?: () => Promise<ComponentType>;
}

export const OVERVIEW: View = {
  title: 'Overview',
  path: '',
  isOfHost: true,
  key: 'o',
  icon: 'home',
  hasTab: true,
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
    load: async () => (await loadRest()).Time,
  },
];
