import { readFile, readdir, readlink } from 'node:fs/promises';
import { posix } from 'node:path';

import { findInputs } from './sensors.ts';
import type { Sensor } from './sensors.ts';

/** hwmon sensors. Source: the kernel's Documentation/hwmon/sysfs-interface.rst. Old drivers put the files in `device/`. */
export async function findHwmon(sys: string): Promise<Sensor[]> {
  const chips = await listFolders(`${sys}/class/hwmon`, 'hwmon');
  const sensors = await findInChips(chips, '');
  return sensors.length > 0 ? sensors : findInChips(chips, '/device');
}

/** Thermal zones. Source: the kernel's Documentation/driver-api/thermal/sysfs-api.rst. Zones without a type are skipped. */
export async function findZones(sys: string): Promise<Sensor[]> {
  const zones = await listFolders(`${sys}/class/thermal`, 'thermal_zone');
  const sensors = await Promise.all(
    zones.map(async (zone) => ({
      name: await readSmall(`${zone}/type`),
      label: '',
      device: '',
      file: posix.basename(zone).replace('thermal_', ''),
      folder: posix.basename(zone),
      input: `${zone}/temp`,
      limits: new Map<string, string>(),
    })),
  );
  return sensors.filter(({ name }) => name !== '');
}

async function findInChips(chips: readonly string[], subfolder: string): Promise<Sensor[]> {
  return (await Promise.all(chips.map((chip) => findInChip(chip, `${chip}${subfolder}`)))).flat();
}

async function findInChip(chip: string, folder: string): Promise<Sensor[]> {
  const inputs = findInputs(await list(folder));
  if (inputs.length === 0) return [];
  const device = await linkName(`${folder}/device`);
  const name = (await readSmall(`${folder}/name`)) || device;
  return Promise.all(
    inputs.map(async ({ prefix, limits }) => ({
      name,
      label: (await readSmall(`${folder}/${prefix}_label`)).toLowerCase(),
      device,
      file: prefix,
      folder: posix.basename(chip),
      input: `${folder}/${prefix}_input`,
      limits: new Map(limits.map((kind) => [kind, `${folder}/${prefix}_${kind}`])),
    })),
  );
}

async function listFolders(folder: string, prefix: string): Promise<string[]> {
  return (await list(folder))
    .filter((name) => name.startsWith(prefix))
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
    .map((name) => `${folder}/${name}`);
}

async function list(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch {
    return []; // no sensors of this kind, as on most virtual machines
  }
}

async function linkName(link: string): Promise<string> {
  try {
    return posix.basename(await readlink(link));
  } catch {
    return ''; // virtual chips have no device
  }
}

/** Drivers cache names and labels, so reading them does not wake the hardware. */
async function readSmall(path: string): Promise<string> {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch {
    return ''; // labels are optional
  }
}
