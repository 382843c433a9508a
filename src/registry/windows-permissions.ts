/**
 * Access lists of Windows, as text (SDDL): who may write files that healthd obeys. An administrator or the system obeys only what nobody
 * else could have written, as root does elsewhere.
 */

/** The system, administrators, the installer of Windows and services, healthd's own among them. */
const TRUSTED = /^(?:SY|BA|LA|DA|EA|S-1-5-18|S-1-5-32-544|S-1-5-80-[\d-]+)$/;

/** The owner, who is looked at as such. */
const OWNER = /^(?:OW|S-1-3-4)$/;

/** Rights by their letters; the others do not let anybody change anything. */
const LETTERS: Readonly<Record<string, number>> = {
  ...{ GA: 0x10000000, GW: 0x40000000, FA: 0x1f01ff, FW: 0x120116 },
  ...{ WO: 0x80000, WD: 0x40000, SD: 0x10000, DT: 0x40, WP: 0x20, SW: 0x8, LC: 0x4, DC: 0x2, CC: 0x1 },
};

const GENERIC_WRITE = 0x40000000 | 0x10000000;
const TAKE_OVER = 0x80000 | 0x40000 | 0x10000;
const DELETE_CHILD = 0x40;
/** Write data or add a file, append or add a folder, write attributes of both kinds. */
const CHANGE = 0x2 | 0x4 | 0x10 | 0x100;

/**
 * @param isAbove a folder above what is obeyed: others may make entries in it, but not replace those that are there
 * @returns why it is not trusted; undefined if it is
 */
export function distrustSddl(sddl: string, isAbove: boolean): string | undefined {
  const [, owner] = /^O:(S-1-[\d-]+|[A-Z]{2})/.exec(sddl) ?? [];
  if (owner === undefined) return 'has no readable owner';
  if (!TRUSTED.test(owner)) return `is owned by ${owner}`;
  const refused = GENERIC_WRITE | TAKE_OVER | DELETE_CHILD | (isAbove ? 0 : CHANGE);
  const list = /D:([A-Z]*(?:\([^)]*\))*)/.exec(sddl)?.[1];
  // Without a list everybody may do everything.
  if (list === undefined || list.startsWith('NO_ACCESS_CONTROL')) return 'has no access list';
  const writer = [...list.matchAll(/\(([^)]*)\)/g)]
    .map(([, entry = '']) => entry.split(';'))
    .find((entry) => allows(entry, refused))?.[5];
  return writer === undefined ? undefined : `can be written by ${writer}`;
}

/** Whether the entry of an access list gives somebody else one of the rights to the object itself. */
function allows([type = '', flags = '', rights = '', , , who = '']: readonly string[], refused: number): boolean {
  const isForInside = /^(?:..)*IO/.test(flags);
  if (!['A', 'OA', 'XA'].includes(type) || isForInside || TRUSTED.test(who) || OWNER.test(who)) return false;
  return (maskOf(rights) & refused) !== 0;
}

/** An unknown right counts as all. */
function maskOf(rights: string): number {
  if (/^0x[0-9a-f]+$/i.test(rights)) return Number(rights);
  return (rights.match(/../g) ?? []).reduce((mask, pair) => mask | (LETTERS[pair] ?? (HARMLESS.has(pair) ? 0 : -1)), 0);
}

/** Reading. */
const HARMLESS = new Set(['GR', 'GX', 'FR', 'FX', 'RC', 'RP', 'LO', 'CR']);
