import { realpathSync } from 'node:fs';
import { posix } from 'node:path';

import { compileGlobs } from '../../plugin/index.ts';
import type { Host } from '../../plugin/index.ts';

import type { DiskStats } from './diskstats.ts';
import { nameFrom, parseUdev } from './udev.ts';
import type { UdevProperties } from './udev.ts';

export interface DeviceOptions {
  readonly device_tags: readonly string[];
  readonly name_templates: readonly string[];
  readonly skip_serial_number: boolean;
}

/** Tags of a device, or undefined if it is not selected. Cached, because they rarely change. */
export type Facts = Readonly<Record<string, string>> | undefined;

type Files = Pick<Host, 'sys' | 'run' | 'dev' | 'readOptional'>;
type IsSelected = (name: string, links: readonly string[]) => boolean;

export function readFacts(device: DiskStats, options: DeviceOptions, isSelected: IsSelected, host: Files): Facts {
  const { name, major, minor } = device;
  const properties = parseUdev(host.readOptional(`${host.run}/udev/data/b${major}:${minor}`));
  const links = (properties.get('DEVLINKS') ?? '').split(' ').map((link) => link.replace(/^\/dev\//, ''));
  if (!isSelected(name, links)) return undefined;
  // sysfs writes `!` where a device name has a slash (cciss/c0d0).
  const block = `${host.sys}/block/${name.replaceAll('/', '!')}`;
  const tags: Record<string, string> = {
    name: nameFrom(options.name_templates, properties) ?? name,
    wwid: host.readOptional(`${block}/wwid`),
  };
  for (const key of options.device_tags) tags[key] = properties.get(key) ?? '';
  if (!options.skip_serial_number) tags['serial'] = serialOf(properties, block, host);
  return tags;
}

function serialOf(properties: UdevProperties, block: string, { readOptional }: Files): string {
  const known = properties.get('ID_SERIAL')?.trim();
  if (known) return known;
  const [model, serial] = [readOptional(`${block}/device/model`), readOptional(`${block}/device/serial`)];
  return model !== '' && serial !== '' ? `${model}_${serial}` : 'unknown';
}

/**
 * Compiles the option `devices`. If any entry has `*`, `?` or `[`, all are globs, which also match links below /dev; otherwise
 * entries are names or paths, and links are resolved.
 */
export function createSelector(devices: readonly string[], { dev }: Pick<Host, 'dev'>): IsSelected {
  if (devices.length === 0) return () => true;
  if (devices.some((device) => /[*?[]/.test(device))) {
    const matches = compileGlobs(devices);
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
