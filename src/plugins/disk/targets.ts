import { readlinkSync } from 'node:fs';
import { posix } from 'node:path';

import type { Host } from '../../plugin/index.ts';

import { parseMountinfo } from './mountinfo.ts';
import type { Mount } from './mountinfo.ts';

/** A mounted file system to report. */
export interface Target {
  /** Path for statfs: under HOST_MOUNT_PREFIX if the host's root is mounted in a container. */
  readonly statfsPath: string;
  /** Served by another host or process (a server, a FUSE daemon), so statfs may hang. */
  readonly isRemote: boolean;
  /** The kernel answers from memory, whatever the state of the disk. */
  readonly isInstant: boolean;
  /** Undefined if unknown. */
  readonly isReadOnly: boolean | undefined;
  readonly tags: Readonly<Record<'path' | 'device' | 'fstype' | 'mode' | 'label' | 'pool', string>>;
}

export interface Selection {
  /** Empty: all. */
  readonly mountPoints: ReadonlySet<string>;
  readonly ignoredTypes: ReadonlySet<string>;
  readonly ignoredOptions: ReadonlySet<string>;
}

type Roots = Pick<Host, 'sys' | 'dev' | 'run' | 'mountPrefix' | 'readOptional'>;

/** Their statfs only sums counters. So does that of xfs, but in Linux 5.14 to 5.18 it waits for deleted files. */
const INSTANT = ['ext2', 'ext3', 'ext4', 'tmpfs', 'devtmpfs'];

const REMOTE =
  /^(nfs\d?|cifs|smb\w*|9p|afs|ceph|coda|fuse.*|gluster.*|lustre|beegfs|fhgfs|orangefs|pvfs2|panfs|gpfs|ocfs2|gfs2?|ncpfs?|virtiofs|vboxsf|vmhgfs|prl_fs|davfs2?)$/;

export function isRemote(fstype: string): boolean {
  return REMOTE.test(fstype);
}

/** Excludes autofs: statfs would trigger the mount. The real file system has its own line. */
export function isWanted(mount: Pick<Mount, 'path' | 'fstype' | 'options'>, selection: Selection): boolean {
  const { mountPoints, ignoredTypes, ignoredOptions } = selection;
  if (mount.fstype === 'autofs' || ignoredTypes.has(mount.fstype)) return false;
  if (mountPoints.size > 0 && !mountPoints.has(mount.path)) return false;
  return !mount.options.some((option) => ignoredOptions.has(option));
}

/** @param mounts of this process: any file system along the path may hang */
function isInstant(path: string, mounts: readonly Mount[]): boolean {
  const passed = mounts.filter((mount) => isAt(path, mount.path));
  return passed.length > 0 && passed.every(({ fstype }) => INSTANT.includes(fstype));
}

/** What is mounted, as far as it is wanted. */
export interface Listing {
  readonly targets: readonly Target[];
  /** Mount points where this process sees another file system, as in a unit with `ProtectHome=tmpfs`. */
  readonly hidden: readonly string[];
  /** Entries of `mount_points` where nothing is mounted, each with advice if there is any. */
  readonly missing: readonly string[];
  /** Why tags are not known. */
  readonly error?: Error;
}

/**
 * Lists from the text of mountinfo. Of several mounts on one path only the topmost is reachable and so included.
 *
 * @param own mountinfo of this process, which may see other mounts; empty if unknown
 */
export function listMounts(mountinfo: string, own: string, selection: Selection, roots: Roots): Listing {
  const ownMounts = parseMountinfo(own);
  const topmost = new Map<string, Mount>();
  for (const mount of parseMountinfo(mountinfo)) {
    topmost.delete(mount.path);
    topmost.set(mount.path, mount);
  }
  const targets: Target[] = [];
  const hidden: string[] = [];
  for (const mount of topmost.values()) {
    if (!isWanted(mount, selection)) continue;
    const inside = withoutPrefix(mount.path, roots.mountPrefix);
    const statfsPath = inside === undefined ? roots.mountPrefix + (mount.path === '/' ? '' : mount.path) : mount.path;
    // A container's own list also shows the host's file system under the prefix: one of the two is enough.
    if (inside === undefined && topmost.has(statfsPath)) continue;
    const seen = mountAt(statfsPath, ownMounts);
    if (seen !== undefined && seen.deviceNumber !== mount.deviceNumber) {
      hidden.push(mount.path);
      continue;
    }
    targets.push({
      statfsPath,
      isRemote: isRemote(mount.fstype),
      isInstant: isInstant(statfsPath, ownMounts),
      isReadOnly: mount.isReadOnly,
      tags: tagsOf(mount, inside ?? mount.path, roots),
    });
  }
  return { targets, hidden, missing: missingIn([...topmost.values()], selection) };
}

export function findTargets(...of: Parameters<typeof listMounts>): readonly Target[] {
  return listMounts(...of).targets;
}

/** The file system that a path is on. */
function mountAt(path: string, mounts: readonly Mount[]): Mount | undefined {
  let found: Mount | undefined;
  for (const mount of mounts) {
    // Of equal paths the later one is on top.
    if (isAt(path, mount.path) && mount.path.length >= (found?.path.length ?? 0)) found = mount;
  }
  return found;
}

function isAt(path: string, mountPoint: string): boolean {
  return mountPoint === '/' || path === mountPoint || path.startsWith(`${mountPoint}/`);
}

/** @returns the entries of `mount_points` where nothing is mounted, each with advice if there is any */
export function missingIn(
  mounts: readonly Pick<Mount, 'path' | 'source'>[],
  { mountPoints }: Pick<Selection, 'mountPoints'>,
): string[] {
  const paths = new Set(mounts.map(({ path }) => path));
  return [...mountPoints]
    .filter((entry) => !paths.has(entry))
    .map((entry) => {
      const trimmed = entry.replace(/(?<=.)\/+$/, '');
      const sources = [entry, `/dev/${entry}`];
      const meant = mounts.find(({ path, source }) => path === trimmed || sources.includes(source));
      return meant === undefined ? entry : `${entry} (write ${meant.path})`;
    });
}

/** @returns undefined if the path is not under the prefix */
function withoutPrefix(path: string, prefix: string): string | undefined {
  if (prefix === '' || prefix === '/') return path;
  if (path === prefix) return '/';
  return path.startsWith(`${prefix}/`) ? path.slice(prefix.length) : undefined;
}

function tagsOf(mount: Mount, path: string, roots: Roots): Target['tags'] {
  const { source, fstype, options } = mount;
  const device = resolveDevice(mount, roots);
  return {
    path,
    device: source === '' || source === 'none' ? fstype : device.replaceAll('/dev/', ''),
    fstype,
    mode: options.includes('ro') ? 'ro' : options.includes('rw') ? 'rw' : 'unknown',
    label: source.startsWith('/dev/') ? labelOf(mount, posix.basename(device), roots) : '',
    pool: poolOf(fstype, source),
  };
}

/** Data sets of ZFS share the space of their pool: `tank/home` is in `tank`. Empty for other file systems. */
export function poolOf(fstype: string, source: string): string {
  return fstype === 'zfs' ? (source.split('/')[0] ?? '') : '';
}

/** The device name as in sysfs and diskstats. */
function resolveDevice({ source, deviceNumber }: Mount, { sys, dev }: Roots): string {
  if (source.startsWith('/dev/mapper/')) return linkTarget(`${dev}${source.slice('/dev'.length)}`) ?? source;
  if (source === '/dev/root') return linkTarget(`${sys}/dev/block/${deviceNumber}`) ?? source;
  return source;
}

function linkTarget(link: string): string | undefined {
  try {
    return `/dev/${posix.basename(readlinkSync(link))}`;
  } catch {
    return undefined; // not a link, or not visible from this container: use the name in mountinfo
  }
}

/** The device-mapper name, or else the label from udev. btrfs mounts have an anonymous device number; sysfs has the real one. */
function labelOf({ deviceNumber }: Mount, name: string, { sys, run, readOptional }: Roots): string {
  const mapped = readOptional(`${sys}/block/${name}/dm/name`);
  if (mapped !== '') return mapped;
  const number = deviceNumber.startsWith('0:') ? readOptional(`${sys}/class/block/${name}/dev`) : deviceNumber;
  if (!/^\d+:\d+$/.test(number)) return '';
  return /^E:ID_FS_LABEL=(.*)$/m.exec(readOptional(`${run}/udev/data/b${number}`))?.[1] ?? '';
}
