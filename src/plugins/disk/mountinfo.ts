/** One line of /proc/<pid>/mountinfo. Format: proc_pid_mountinfo(5). */
export interface Mount {
  /** Source of the mount as the kernel prints it: `/dev/sda1`, `server:/export`, `tmpfs`, `none`, or nothing. */
  readonly source: string;
  /** `<major>:<minor>` of the file system; major 0 for those without a block device. */
  readonly deviceNumber: string;
  readonly path: string;
  readonly fstype: string;
  /** Options of the mount, with `ro` if the file system is read-only, and `bind` if a folder of it is mounted. */
  readonly options: readonly string[];
  /** Of the file system itself: a read-only mount of a writable one does not count. */
  readonly isReadOnly: boolean;
}

/** Mounts in file order: a later one with the same path is on top. Malformed lines are skipped. */
export function parseMountinfo(text: string): Mount[] {
  const mounts: Mount[] = [];
  for (const line of text.split('\n')) {
    const mount = parseLine(line);
    if (mount !== undefined) mounts.push(mount);
  }
  return mounts;
}

/** `36 35 98:0 /root /mnt rw,noatime [optional fields] - ext3 /dev/sda1 rw,errors=continue`; the source may be empty. */
function parseLine(line: string): Mount | undefined {
  const separator = line.indexOf(' - ');
  if (separator < 0) return undefined;
  const [, , deviceNumber, root, path, options] = line.slice(0, separator).split(' ');
  const [fstype, source, superOptions = ''] = line.slice(separator + 3).split(' ');
  if (!deviceNumber || !root || !path || !options || !fstype || source === undefined) return undefined;
  // After an error ext4 remounts as ro; since Linux 6.15 it only adds emergency_ro.
  const isReadOnly = superOptions.split(',').some((option) => option === 'ro' || option === 'emergency_ro');
  return {
    source: unescape(source),
    deviceNumber,
    path: unescape(path),
    fstype: unescape(fstype),
    options: [
      ...options.split(',').map((option) => (isReadOnly && option === 'rw' ? 'ro' : option)),
      ...(root === '/' || isSubvolume(root, superOptions) ? [] : ['bind']),
    ],
    isReadOnly,
  };
}

/** btrfs mounts a subvolume, not the root of the file system: `/@ … subvolid=256,subvol=/@`. Both are escaped alike. */
function isSubvolume(root: string, superOptions: string): boolean {
  return `,${superOptions}`.endsWith(`,subvol=${root}`);
}

/** The kernel escapes space, tab, newline and backslash as three octal digits. */
function unescape(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}
