/** The views and their paths. A new view is an entry here, a line in `views/rest.ts` and a folder beside it. */
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
  /** Shown only where the agent is a hub. */
  readonly isOfHub?: boolean;
  /** Made of the history alone, so that a hub has it of all its hosts. */
  readonly isOfHistory?: boolean;
  /** Its component in `views/rest.ts`; undefined: it is there from the beginning. */
  readonly component?: 'Time' | 'Processes' | 'Containers' | 'Alerts' | 'Explore' | 'Agent' | 'Inventory' | 'Fleet';
}

export const OVERVIEW: View = {
  title: 'Overview',
  path: '',
  isOfHost: true,
  key: 'o',
  icon: 'home',
  hasTab: true,
};

export const FLEET: View = {
  title: 'Fleet',
  path: 'fleet',
  isOfHost: false,
  key: 'f',
  icon: 'fleet',
  hasTab: true,
  isOfHub: true,
  component: 'Fleet',
};

export const VIEWS: readonly View[] = [
  FLEET,
  OVERVIEW,
  {
    title: 'Time',
    path: 'time',
    isOfHost: true,
    key: 't',
    icon: 'clock',
    hasTab: true,
    isOfHistory: true,
    component: 'Time',
  },
  {
    title: 'Processes',
    path: 'processes',
    isOfHost: true,
    key: 'p',
    icon: 'proc',
    hasTab: true,
    component: 'Processes',
  },
  {
    title: 'Containers',
    path: 'containers',
    isOfHost: true,
    key: 'c',
    icon: 'box',
    hasTab: false,
    isOfHistory: true,
    component: 'Containers',
  },
  {
    title: 'Alerts',
    path: 'alerts',
    isOfHost: false,
    key: 'a',
    icon: 'bell',
    hasTab: true,
    component: 'Alerts',
  },
  {
    title: 'Explore',
    path: 'explore',
    isOfHost: true,
    key: 'e',
    icon: 'find',
    hasTab: false,
    isOfHistory: true,
    component: 'Explore',
  },
  {
    title: 'Agent',
    path: 'agent',
    isOfHost: true,
    key: 'g',
    icon: 'info',
    hasTab: false,
    component: 'Agent',
  },
  {
    title: 'Inventory',
    path: 'inventory',
    isOfHost: false,
    key: 'i',
    icon: 'ok',
    hasTab: false,
    component: 'Inventory',
  },
];
