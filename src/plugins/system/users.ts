/** `USER_PROCESS`: the record of an active login. */
const USER_PROCESS = 7;

const USER_OFFSET = 44;
const USER_LENGTH = 32;

/**
 * Size of one record of utmp(5) in bytes. Its times have 32 bits, so that programs of both word sizes can read the file,
 * except on 64-bit ARM and LoongArch, whose ABI has no 32-bit predecessor.
 */
export function utmpRecordSize(architecture: string): number {
  return architecture === 'arm64' || architecture === 'loong64' ? 400 : 384;
}

/**
 * Counts logins. An incomplete record at the end, which is being written, is ignored.
 *
 * @param record size of one record in bytes
 * @param littleEndian byte order of the record type
 */
export function countUsers(utmp: Uint8Array, record: number, littleEndian: boolean) {
  const view = new DataView(utmp.buffer, utmp.byteOffset, utmp.byteLength);
  const names = new Set<string>();
  let users = 0;
  for (let at = 0; at + record <= utmp.length; at += record) {
    if (view.getInt16(at, littleEndian) !== USER_PROCESS) continue;
    users += 1;
    names.add(readName(utmp.subarray(at + USER_OFFSET, at + USER_OFFSET + USER_LENGTH)));
  }
  return { n_users: users, n_unique_users: names.size };
}

/** A name of the maximum length has no terminating NUL. */
function readName(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return Buffer.from(end === -1 ? bytes : bytes.subarray(0, end)).toString('latin1');
}
