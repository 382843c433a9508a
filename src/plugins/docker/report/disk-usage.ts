import type { Accumulator } from '../../../plugin/index.ts';
import type { DiskUsage, DiskUsageContainer, DiskUsageImage, DiskUsageVolume } from '../api/answers.ts';
import type { metrics } from '../metrics.ts';
import type { DockerOptions } from '../options.ts';
import type { Selection } from '../selection.ts';

import { containerName, parseImage, shortId } from './names.ts';
import { identityTags, type Tags } from './tags.ts';

interface DiskReport {
  readonly fields: Readonly<Partial<Record<'size_rw' | 'size_root_fs' | 'size' | 'shared_size', number>>>;
  readonly tags: Tags;
}

/** Daemons before API 1.42 ignore the requested types and send everything, so the types are filtered here as well. */
export function reportDiskUsage(
  acc: Accumulator<typeof metrics>,
  usage: DiskUsage,
  engine: Tags,
  options: DockerOptions,
  selection: Selection,
): void {
  const wanted = options.storage_objects;
  acc.add('docker_disk_usage', { layers_size: usage.LayersSize }, engine);
  const reports = [
    ...(wanted.includes('container') ? containers(usage.Containers ?? [], options, selection) : []),
    ...(wanted.includes('image') ? images(usage.Images ?? []) : []),
    ...(wanted.includes('volume') ? volumes(usage.Volumes ?? []) : []),
  ];
  for (const { fields, tags } of reports) acc.add('docker_disk_usage', fields, { ...engine, ...tags });
}

function containers(list: readonly DiskUsageContainer[], options: DockerOptions, selection: Selection): DiskReport[] {
  return list.flatMap((container) => {
    const name = containerName(container.Names);
    if (name === undefined || !selection.container(name)) return [];
    const fields = { size_rw: container.SizeRw ?? 0, size_root_fs: container.SizeRootFs ?? 0 };
    return [{ fields, tags: identityTags({}, name, container, options) }];
  });
}

/** An image has no name if a newer build took it over. */
function images(list: readonly DiskUsageImage[]): DiskReport[] {
  return list.map(({ Id, RepoTags, Size, SharedSize }) => {
    const name = RepoTags?.[0] === undefined ? undefined : parseImage(RepoTags[0]);
    return {
      fields: { size: Size, shared_size: SharedSize },
      tags: { image_id: shortId(Id), image_name: name?.image, image_version: name?.version },
    };
  });
}

function volumes(list: readonly DiskUsageVolume[]): DiskReport[] {
  return list.flatMap(({ Name, UsageData }) =>
    UsageData ? [{ fields: { size: UsageData.Size }, tags: { volume_name: Name } }] : [],
  );
}
