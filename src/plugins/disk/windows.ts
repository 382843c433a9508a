import type { Clock, WindowsFacts } from '../../plugin/index.ts';

import { isWanted, type Listing, type Selection, type Target } from './targets.ts';

/** `DriveType` of Win32_LogicalDisk. */
const [NO_ROOT, NETWORK, COMPACT_DISC] = [1, 4, 5];

const LETTERS = Array.from({ length: 26 }, (_, index) => `${String.fromCodePoint(0x41 + index)}:`);

/** How often Windows is asked for the drives. ms */
const DRIVES_AGE = 60_000;

type Row = Readonly<Record<string, unknown>>;

/**
 * The drives with a letter. Sizes come from Node; the type and the label of each drive from Windows. While it has never said them, drives
 * are reported with the type `unknown`, since their space matters more than the tag.
 */
export function createWindowsLister(selection: Selection, windows: WindowsFacts, clock: Clock) {
  let known: { readonly rows: readonly Row[]; readonly at: number } | undefined;
  return async (signal: AbortSignal): Promise<Listing> => {
    let error: Error | undefined;
    if (known === undefined || clock.elapsed() - known.at >= DRIVES_AGE) {
      try {
        const rows = (await windows.ask('drives', {}, signal)) as readonly Row[];
        known = { rows: rows.filter(({ DeviceID: id }) => LETTERS.includes(String(id))), at: clock.elapsed() };
      } catch (cause) {
        signal.throwIfAborted();
        error = new Error('The types and labels of the drives cannot be read again', { cause });
      }
    }
    const rows = known?.rows ?? LETTERS.map((DeviceID) => ({ DeviceID }));
    const paths = rows.map(({ DeviceID: id }) => `\\${String(id)}`);
    const missing = known === undefined ? [] : [...selection.mountPoints].filter((path) => !paths.includes(path));
    return { targets: rows.flatMap((row) => targetOf(row, selection)), hidden: [], missing, ...(error && { error }) };
  };
}

function targetOf(row: Row, selection: Selection): readonly Target[] {
  const { DeviceID: id, DriveType: type, FileSystem: system, VolumeName: label, Access: access } = row;
  const device = String(id);
  const fstype = typeof system === 'string' && system !== '' ? system : 'unknown';
  // Telegraf's tag begins with a backslash.
  const path = `\\${device}`;
  if (type === NO_ROOT || type === COMPACT_DISC) return [];
  if (!isWanted({ path, fstype, options: [] }, selection)) return [];
  const isReadOnly = access === 1 ? true : access === 3 ? false : undefined;
  return [
    {
      // `C:` alone is the current folder of that drive.
      statfsPath: `${device}\\`,
      isRemote: type === NETWORK,
      isInstant: false,
      isReadOnly,
      tags: {
        path,
        device,
        fstype,
        mode: isReadOnly === true ? 'ro' : 'rw',
        label: typeof label === 'string' ? label : '',
        pool: '',
      },
    },
  ];
}
