import type { Host } from '../../plugin/index.ts';

type CoreTags = Readonly<Record<'core_id' | 'physical_id', string | undefined>>;

/** Core and socket of a CPU. The ids do not change while the CPU exists, so callers cache them. */
export function readCoreTags(host: Host, cpu: string): CoreTags {
  const folder = `${host.sys}/devices/system/cpu/${cpu}/topology`;
  return { core_id: readId(host, `${folder}/core_id`), physical_id: readId(host, `${folder}/physical_package_id`) };
}

/** @returns undefined if there is no such id: no file (the total, some virtual machines), or −1 */
function readId(host: Host, path: string): string | undefined {
  const id = host.readOptional(path);
  return /^\d+$/.test(id) ? id : undefined;
}
