import { readFileSync, realpathSync } from 'node:fs';
import { posix } from 'node:path';

import type { Host } from '../../plugin.ts';

import type { DiskStats } from './diskstats.ts';
import { nameFrom, parseUdev } from './udev.ts';
import type { UdevProperties } from './udev.ts';

export interface DeviceOptions {
  readonly device_tags: readonly string[];
  readonly name_templates: readonly string[];
  readonly skip_serial_number: boolean;
}

/** Tags of a device, or undefined if it is not selected. Both are looked up rarely: they do not change every second. */
export type Facts = Readonly<Record<string, string>> | undefined;

type Roots = Pick<Host, 'sys' | 'run' | 'dev'>;
type IsSelected = (name: string, links: readonly string[]) => boolean;

export function readFacts(device: DiskStats, options: DeviceOptions, isSelected: IsSelected, roots: Roots): Facts {
  const { name, major, minor } = device;
  const properties = parseUdev(readSmall(`${roots.run}/udev/data/b${major}:${minor}`));
  const links = (properties.get('DEVLINKS') ?? '').split(' ').map((link) => link.replace(/^\/dev\//, ''));
  if (!isSelected(name, links)) return undefined;
  // sysfs writes `!` where a device name has a slash (cciss/c0d0).
  const block = `${roots.sys}/block/${name.replaceAll('/', '!')}`;
  const tags: Record<string, string> = {
    name: nameFrom(options.name_templates, properties) ?? name,
    wwid: readSmall(`${block}/wwid`),
  };
  for (const key of options.device_tags) tags[key] = properties.get(key) ?? '';
  if (!options.skip_serial_number) tags['serial'] = serialOf(properties, block);
  return tags;
}

function serialOf(properties: UdevProperties, block: string): string {
  const known = properties.get('ID_SERIAL')?.trim();
  if (known) return known;
  const [model, serial] = [readSmall(`${block}/device/model`), readSmall(`${block}/device/serial`)];
  return model !== '' && serial !== '' ? `${model}_${serial}` : 'unknown';
}

/**
 * Which devices the user wants. One entry with `*`, `?` or `[` makes all of them globs, which also match the links below
 * /dev; without any, entries are names or paths, and links are followed.
 */
export async function createSelector(devices: readonly string[], { dev }: Roots): Promise<IsSelected> {
  if (devices.length === 0) return () => true;
  if (devices.some((device) => /[*?[]/.test(device))) {
    const { default: picomatch } = await import('picomatch');
    // `bash` lets a star cross slashes, which `disk/*` needs for links such as disk/by-id/….
    const matches = picomatch([...devices], { bash: true, dot: true });
    return (name, links) => matches(name) || links.some((link) => link !== '' && matches(link));
  }
  return (name) => devices.some((device) => device === name || resolve(device, dev) === name);
}

function resolve(device: string, dev: string): string {
  const relative = device.replace(/^\/dev\//, '');
  try {
    return posix.basename(realpathSync(`${dev}/${relative}`));
  } catch {
    return relative; // unplugged now, or /dev is not visible from this container: the name may still match
  }
}

function readSmall(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return ''; // optional facts: without udev, or for partitions, there is no such file
  }
}
