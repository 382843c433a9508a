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
  {
    title: 'Processes',
    path: 'processes',
    isOfHost: true,
    key: 'p',
    icon: 'proc',
    hasTab: true,
    load: async () => (await loadRest()).Processes,
  },
  {
    title: 'Containers',
    path: 'containers',
    isOfHost: true,
    key: 'c',
    icon: 'box',
    hasTab: false,
    load: async () => (await loadRest()).ContainersView,
  },
  {
    title: 'Alerts',
    path: 'alerts',
    isOfHost: false,
    key: 'a',
    icon: 'bell',
    hasTab: true,
    load: async () => (await loadRest()).Alerts,
  },
  {
    title: 'Explore',
    path: 'explore',
    isOfHost: true,
    key: 'e',
    icon: 'find',
    hasTab: false,
    load: async () => (await loadRest()).Explore,
  },
  {
    title: 'Agent',
    path: 'agent',
    isOfHost: true,
    key: 'g',
    icon: 'info',
    hasTab: false,
    load: async () => (await loadRest()).Agent,
  },
  {
    title: 'Inventory',
    path: 'inventory',
    isOfHost: false,
    key: 'i',
    icon: 'ok',
    hasTab: false,
    load: async () => (await loadRest()).Inventory,
  },
];
