/**
 * A systemd of its own, as process 1 of new namespaces, on a copy-on-write view of this machine's files. Nothing outside is
 * changed. Needs root, the right to make namespaces and to mount, and systemd's program.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

import { test } from '@jest/globals';

import { serverFolder, waitFor } from './real-server.ts';

const SYSTEMD = '/lib/systemd/systemd';

/** `$1` an empty folder, `$2` the clone, `$3` where it is seen. */
const BOOT = `
set -e
mount --make-rprivate /
mount -t tmpfs tmpfs "$1"
mkdir "$1/upper" "$1/work" "$1/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" "$1/root"
R="$1/root"
mount -t proc proc "$R/proc"
mount -t tmpfs tmpfs "$R/run"
mount -t tmpfs tmpfs "$R/tmp"
mount --rbind /dev "$R/dev"
mount -t sysfs sysfs "$R/sys"
mount -t cgroup2 cgroup2 "$R/sys/fs/cgroup"
mkdir -p "$R$3"
mount --bind "$2" "$R$3"
rm -rf "$R"/etc/systemd/system/*.wants "$R/var/lib/healthd" "$R/etc/healthd"
exec env -i container=lxc PATH=/usr/sbin:/usr/bin:/sbin:/bin unshare --cgroup chroot "$R" ${SYSTEMD} --system systemd.unit=basic.target
`;

export interface Systemd {
  /** Runs a shell command in it. */
  run(command: string): { readonly code: number | null; readonly output: string };
  stop(): Promise<void>;
}

/** @param clone folder that is seen as `seenAs` */
export async function startSystemd(clone: string, seenAs: string): Promise<Systemd> {
  const folder = serverFolder('systemd');
  const outer = spawn(
    'unshare',
    [
      '--mount',
      '--pid',
      '--fork',
      '--uts',
      '--ipc',
      '--net',
      '--kill-child',
      'sh',
      '-c',
      BOOT,
      'sh',
      folder.path,
      clone,
      seenAs,
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let inner = '';
  const stop = async () => {
    const exited = new Promise((resolve) => outer.once('exit', resolve));
    // The end of process 1 ends all others of its namespace, and with them its mounts.
    if (inner !== '') process.kill(Number(inner), 'SIGKILL');
    else outer.kill('SIGKILL');
    await exited;
    folder.remove();
  };
  const run: Systemd['run'] = (command) => {
    const all = ['--mount', '--uts', '--ipc', '--net', '--pid', '--cgroup', '--root', '--wd'];
    const { status, stdout, stderr } = spawnSync('nsenter', ['--target', inner, ...all, 'sh', '-c', command], {
      encoding: 'utf8',
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
    });
    return { code: status, output: `${stdout}${stderr}` };
  };
  try {
    await waitFor(
      () => {
        inner = readFileSync(`/proc/${outer.pid ?? 0}/task/${outer.pid ?? 0}/children`, 'utf8').trim();
        return inner !== '' && /running|degraded/.test(run('systemctl is-system-running').output);
      },
      { timeout: 60_000, interval: 200, what: 'The start of systemd' },
    );
  } catch (error) {
    await stop();
    throw error;
  }
  return { run, stop };
}

function isPossible(): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0 || !existsSync(SYSTEMD)) return false;
  const trial = 'mount --make-rprivate / && mount -t tmpfs tmpfs /mnt && mkdir /mnt/u /mnt/w /mnt/r && mount -t overlay overlay -o lowerdir=/etc,upperdir=/mnt/u,workdir=/mnt/w /mnt/r && mount -t cgroup2 cgroup2 /mnt/u'; // prettier-ignore
  return spawnSync('unshare', ['--mount', '--pid', '--fork', '--net', 'sh', '-c', trial]).status === 0;
}

/** For tests that use it. */
export function systemdTest(title: string, body: () => Promise<void>, timeout = 180_000): void {
  if (isPossible()) test(title, body, timeout);
  else test.skip(`${title} (needs systemd, root, and the right to make namespaces)`, body);
}
