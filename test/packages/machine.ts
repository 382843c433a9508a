/** Small Debians for packages to be installed in: files of their own, and where systemd is booted also processes and network. */
import { execFile, execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { waitFor } from '../support/servers/real-server.ts';

const run = promisify(execFile);

/** Documents in other languages and the like are 60 MB, and no test reads them. */
const WITHOUT = [
  ...['doc', 'man', 'locale', 'info'].map((name) => `--dpkgopt=path-exclude=/usr/share/${name}/*`),
  '--dpkgopt=path-include=/usr/share/doc/healthd/*',
];

/** RPM is inside, so that it runs the scripts of a package where systemd runs. */
const WITH = '--include=systemd,systemd-sysv,rpm';

export const ENVIRONMENT = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', DEBIAN_FRONTEND: 'noninteractive' };

export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Machine {
  readonly root: string;
  /** Runs a command as root in it. */
  run(...command: readonly string[]): Ended;
  remove(): void;
}

/** @returns the folder of a Debian that `machineFrom` takes */
export async function debian(folder: string): Promise<string> {
  const base = join(folder, 'debian');
  await run('mmdebstrap', ['--quiet', '--variant=minbase', WITH, ...WITHOUT, 'bookworm', base]);
  return base;
}

/** @param folder on a file system that overlayfs writes to, such as a tmpfs */
export function machineFrom(base: string, folder: string): Machine {
  const own = mkdtempSync(join(folder, 'machine-'));
  const [root, upper, work] = ['root', 'upper', 'work'].map((name) => join(own, name)) as [string, string, string];
  for (const path of [root, upper, work]) mkdirSync(path);
  const layers = `lowerdir=${base},upperdir=${upper},workdir=${work}`;
  execFileSync('mount', ['-t', 'overlay', '-o', layers, 'overlay', root]);
  execFileSync('mount', ['-t', 'proc', 'proc', join(root, 'proc')]);
  return {
    root,
    run: (...command) => spawnSync('chroot', [root, ...command], { encoding: 'utf8', env: ENVIRONMENT }),
    remove() {
      execFileSync('umount', ['--recursive', root]);
      rmSync(own, { recursive: true });
    },
  };
}

export interface Booted {
  /** Runs a command as root in it. */
  run(...command: readonly string[]): Ended;
  halt(): Promise<void>;
}

/** Namespaces but that of users, a cgroup and devices of its own; then it becomes systemd. */
const BOOT = `
set -eu
mount --make-rprivate /
cd "$ROOT"
mount -t sysfs -o ro sysfs sys
mount -t cgroup2 cgroup2 sys/fs/cgroup
mount -t tmpfs -o mode=755 tmpfs dev
for name in null zero full random urandom tty; do cp -a "/dev/$name" dev/; done
mkdir dev/shm
ln -s /proc/self/fd dev/fd
ln -sf /dev/null etc/systemd/system/getty.target
umount proc
mount -t proc proc proc
mkdir .before
pivot_root . .before
umount -l /.before
exec env -i container=test PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd --unit=multi-user.target
`;

/** Boots systemd in a machine. */
export async function boot({ root }: Machine, folder: string): Promise<Booted> {
  const cgroups = mkdtempSync(join(folder, 'cgroups-'));
  execFileSync('mount', ['-t', 'cgroup2', 'cgroup2', cgroups]);
  const cgroup = join(cgroups, `healthd-test-${process.pid}`);
  mkdirSync(cgroup);
  const namespaces = ['--mount', '--uts', '--ipc', '--net', '--pid', '--cgroup', '--fork', '--kill-child'];
  const script = `echo $$ >"$CGROUP/cgroup.procs"; exec unshare ${namespaces.join(' ')} sh -c "$BOOT"`;
  const child = spawn('sh', ['-c', script], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...ENVIRONMENT, ROOT: root, CGROUP: cgroup, BOOT },
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  const closed = new Promise((resolve) => child.on('close', resolve));
  const inside = (command: readonly string[]) => {
    const [first] = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').split(' ');
    const enter = [`--target=${first}`, '--mount', '--uts', '--ipc', '--net', '--pid', '--cgroup'];
    return spawnSync('nsenter', [...enter, ...command], { encoding: 'utf8', env: ENVIRONMENT });
  };
  const halt = async () => {
    child.kill('SIGKILL');
    await closed;
    const isEmpty = () => readFileSync(join(cgroup, 'cgroup.events'), 'utf8').includes('populated 0');
    await waitFor(isEmpty, { what: 'The end of all processes of the machine' });
    removeCgroup(cgroup);
    execFileSync('umount', [cgroups]);
  };
  const isUp = () => /^(?:running|degraded)$/.test(inside(['systemctl', 'is-system-running']).stdout.trim());
  try {
    await waitFor(isUp, { timeout: 60_000, interval: 100, what: 'The boot of systemd' });
  } catch (error) {
    await halt();
    throw new Error(`${(error as Error).message}\n${said}`, { cause: error });
  }
  return { run: (...command) => inside(command), halt };
}

function removeCgroup(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) removeCgroup(join(folder, entry.name));
  }
  rmdirSync(folder);
}

/** A file system of `megabytes` at a folder of the machine; ended by the function that is returned. */
export function smallDisk({ root }: Machine, folder: string, megabytes: number): () => void {
  const at = join(root, folder);
  mkdirSync(at, { recursive: true });
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', at]);
  return () => execFileSync('umount', [at]);
}

export function writeIn({ root }: Machine, file: string, text: string): void {
  writeFileSync(join(root, file), text);
}
