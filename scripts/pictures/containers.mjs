/** What runs in the Docker daemon of the scene. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';

const BUSYBOX = '/bin/busybox';

/**
 * One is limited in CPU and talks to another, one is limited in memory and has a lot of it, one writes and is not healthy,
 * one has failed.
 *
 * @param stops where what ends them is added to
 */
export async function startContainers({ docker }, image, stops) {
  const network = `healthd-pictures-${process.pid}`;
  const names = [];
  await docker('network', 'create', network);
  stops.push(async () => {
    if (names.length > 0) await docker('rm', '--force', ...names);
    await docker('network', 'rm', network);
  });
  const run = async (name, options, script) => {
    await docker('run', '--detach', '--name', name, ...options, image, 'sh', '-c', script);
    names.push(name);
  };
  const [inside, alone] = [
    ['--network', network],
    ['--network', 'none'],
  ];
  await run('web', [...inside, '--memory', '64m'], `while :; do ${BUSYBOX} nc -l -p 9000 > /dev/null; done`);
  await run(
    'worker',
    [...inside, '--cpus', '0.2'],
    `while :; do :; done & while :; do ${BUSYBOX} head -c 2000000 /dev/urandom | ${BUSYBOX} nc web 9000; sleep 0.5; done`,
  );
  await run(
    'cache',
    [...alone, '--memory', '24m'],
    `x=; while :; do x=$x$(${BUSYBOX} head -c 200000 /dev/zero | ${BUSYBOX} tr '\\0' x); sleep 2; done`,
  );
  await run(
    'db',
    [...alone, ...countedDisk(), '--health-cmd', 'test -e /tmp/ready', '--health-interval', '10s'],
    `while :; do ${BUSYBOX} dd if=/dev/zero of=/data bs=256k count=24 oflag=direct 2> /dev/null; sleep 3; done`,
  );
  await run('migration', alone, 'exit 3');
}

/** With cgroup v1 the kernel counts what a container reads and writes only if there is a limit. */
function countedDisk() {
  const { dev } = statSync(tmpdir());
  const uevent = `/sys/dev/block/${(dev >> 8) & 0xfff}:${dev & 0xff}/uevent`;
  if (!existsSync(uevent)) return [];
  const [, name] = /^DEVNAME=(.*)$/m.exec(readFileSync(uevent, 'utf8'));
  return ['--device-write-bps', `/dev/${name}:1gb`, '--device-read-bps', `/dev/${name}:1gb`];
}
