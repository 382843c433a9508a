/** Which process listens on a TCP port of this host, on Linux. */
import { readdir, readFile, readlink } from 'node:fs/promises';

/** The state LISTEN, in hexadecimal. */
const LISTENING = '0A';

/** @returns `nginx (pid 812)`, or `another user's process`; undefined if that cannot be found out */
export async function portHolder(port: number, proc = '/proc'): Promise<string | undefined> {
  const inodes = await listeningInodes(port, proc);
  if (inodes.size === 0) return undefined;
  const pids = (await readdir(proc).catch(() => [])).filter((name) => /^\d+$/.test(name));
  for (const pid of pids) {
    if (!(await holdsOne(`${proc}/${pid}/fd`, inodes))) continue;
    const name = await readFile(`${proc}/${pid}/comm`, 'utf8').catch(() => '');
    return `${name.trim() || 'a process'} (pid ${pid})`;
  }
  return 'a process of another user';
}

/** Lines of /proc/net/tcp: `sl local_address rem_address st … inode`, addresses as `0100007F:20D0`. */
async function listeningInodes(port: number, proc: string): Promise<ReadonlySet<string>> {
  const tables = await Promise.all(
    ['tcp', 'tcp6'].map((name) => readFile(`${proc}/net/${name}`, 'utf8').catch(() => '')),
  );
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  const rows = tables.flatMap((table) => table.split('\n').slice(1)).map((line) => line.trim().split(/\s+/));
  return new Set(
    rows.flatMap(([, local = '', , state, , , , , , inode]) =>
      state === LISTENING && local.endsWith(`:${hex}`) && inode !== undefined ? [inode] : [],
    ),
  );
}

/** False for processes of others, whose descriptors only root may list. */
async function holdsOne(folder: string, inodes: ReadonlySet<string>): Promise<boolean> {
  const descriptors = await readdir(folder).catch(() => []);
  for (const descriptor of descriptors) {
    const target = await readlink(`${folder}/${descriptor}`).catch(() => '');
    const inode = /^socket:\[(\d+)\]$/.exec(target)?.[1];
    if (inode !== undefined && inodes.has(inode)) return true;
  }
  return false;
}
