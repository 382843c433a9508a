/** Panels and variables of our dashboards that are empty on a host that lacks something. */
import type { Ability } from '../golden/measurement-schema.ts';

/** `Dashboard, panel Title` or `Dashboard, variable name`; with a query's letter if only that query is meant. */
const NEEDS: Readonly<Partial<Record<Ability, readonly string[]>>> = {
  'file systems': [
    'Fleet overview, panel Hosts, D',
    'Fleet overview, panel Fullest disk',
    'Host detail, variable path',
    'Host detail, panel Disk usage',
    'Host detail, panel Fullest disk',
    'Host detail, panel File systems',
    'Host detail, panel Free space',
    'Host detail, panel Inodes used',
  ],
  'block devices': [
    'Fleet overview, panel Traffic of the busiest disk',
    'Host detail, variable disk',
    'Host detail, panel Disk traffic',
    'Host detail, panel Disk operations',
    'Host detail, panel Disk busy',
    // Needs operations since the previous gather; a database that syncs its writes causes some.
    'Host detail, panel Disk latency',
  ],
  'network interfaces': [
    'Fleet overview, panel Network',
    'Host detail, variable interface',
    'Host detail, panel Traffic',
    'Host detail, panel Packets',
    'Host detail, panel Errors and drops',
  ],
  'pressure figures': ['Host detail, panel Pressure'],
  'temperature sensors': ['Host detail, panel Temperature'],
};

/** Each with its needs. */
export const PANEL_NEEDS = Object.entries(NEEDS).flatMap(([ability, names]) =>
  names.map((name) => ({ name, needs: ability as Ability })),
);

/** Need of the query at this place; undefined: every host can answer it. */
export function needsOf(place: string): Ability | undefined {
  return PANEL_NEEDS.find(({ name }) => `${place},`.startsWith(`${name},`))?.needs;
}
