import { readFileSync } from 'node:fs';

type CoreTags = Readonly<Record<'core_id' | 'physical_id', string | undefined>>;

/** Which core and which socket a CPU belongs to. The numbers never change while a CPU is there, so this is read once. */
export function readCoreTags(sys: string, cpu: string): CoreTags {
  const folder = `${sys}/devices/system/cpu/${cpu}/topology`;
  return { core_id: readId(`${folder}/core_id`), physical_id: readId(`${folder}/physical_package_id`) };
}

/** @returns undefined where the platform has no such number: no file (the total, some virtual machines), or −1 in it */
function readId(path: string): string | undefined {
  try {
    const id = readFileSync(path, 'latin1').trim();
    return /^\d+$/.test(id) ? id : undefined;
  } catch {
    return undefined;
  }
}
