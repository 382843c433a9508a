import type { Host } from '../../plugin/index.ts';

type CoreTags = Readonly<Record<'core_id' | 'physical_id', string | undefined>>;

/** Which core and which socket a CPU belongs to. The numbers never change while a CPU is there, so this is read once. */
export function readCoreTags(host: Host, cpu: string): CoreTags {
  const folder = `${host.sys}/devices/system/cpu/${cpu}/topology`;
  return { core_id: readId(host, `${folder}/core_id`), physical_id: readId(host, `${folder}/physical_package_id`) };
}

/** @returns undefined where the platform has no such number: no file (the total, some virtual machines), or −1 in it */
function readId(host: Host, path: string): string | undefined {
  const id = host.readOptional(path);
  return /^\d+$/.test(id) ? id : undefined;
}
