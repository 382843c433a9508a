/** A reboot that is due: the system says so, or a newer kernel is installed than the one that runs. */
import { access, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

import type { Finding } from '../../api/host.ts';
import { unlessMissing } from '../../core/errors.ts';
import type { Host } from '../../plugin/index.ts';
import { bounded, counted, evidence, named } from '../check.ts';

/** A folder of boot files has a few. */
const MOST_KERNELS = 100;

export async function pendingReboot(host: Host): Promise<readonly Finding[] | undefined> {
  if (host.platform !== 'linux') return undefined;
  const running = host.readOptional(`${host.proc}/sys/kernel/osrelease`);
  const newer = newestKernel(running, await installedKernels(host.mountPrefix));
  const request = await unlessMissing(stat(join(host.run, 'reboot-required')));
  if (newer === undefined && request === undefined) return [];
  const packages = request === undefined ? [] : await waitingPackages(host.run);
  return [
    {
      id: 'reboot',
      level: 'note',
      sentence:
        newer === undefined
          ? ['Reboot pending: an update asks for it.']
          : ['Reboot pending: kernel ', named(newer), ' is installed, ', named(running), ' runs.'],
      evidence:
        packages.length === 0
          ? ''
          : evidence(`${counted(packages.length, 'package')}: ${bounded(packages.join(', '))}`),
      since: request === undefined ? null : Math.round(request.mtimeMs),
    },
  ];
}

/**
 * The newest of the same flavour, if it is newer than the one that runs. Names of Debian (`6.1.0-28-cloud-amd64`), Ubuntu
 * (`6.8.0-45-generic`) and RPM (`5.14.0-427.13.1.el9_4.x86_64`): all numbers in their order are the version, what remains
 * without them the flavour.
 */
export function newestKernel(running: string, installed: readonly string[]): string | undefined {
  const same = installed.filter((name) => flavourOf(name) === flavourOf(running));
  return same.reduce<string | undefined>(
    (newest, name) => (compareVersions(name, newest ?? running) > 0 ? name : newest),
    undefined,
  );
}

function flavourOf(name: string): string {
  return name.replace(/[\d._]+/g, '.');
}

function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((name) => (name.match(/\d+/g) ?? []).map(Number));
  const length = Math.max(left?.length ?? 0, right?.length ?? 0);
  for (let index = 0; index < length; index += 1) {
    const difference = (left?.[index] ?? -1) - (right?.[index] ?? -1);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Modules alone may be left of a kernel that was removed. */
async function installedKernels(root: string): Promise<readonly string[]> {
  if (root === '' && (await isContainer())) return [];
  const boot = await listed(`${root}/boot`);
  const modules = await listed(`${root}/lib/modules`);
  const images = await Promise.all(modules.map((name) => exists(`${root}/lib/modules/${name}/vmlinuz`)));
  return [
    ...boot.flatMap((name) => /^vmlinu[xz]-(\d.*)$/.exec(name)?.[1] ?? []),
    ...modules.filter((_, index) => images[index] === true),
  ];
}

/** There the kernel is another system's. */
async function isContainer(): Promise<boolean> {
  const marks = ['/.dockerenv', '/run/.containerenv', '/run/systemd/container'];
  return (await Promise.all(marks.map(exists))).some(Boolean);
}

async function waitingPackages(run: string): Promise<readonly string[]> {
  const text = (await unlessMissing(readFile(join(run, 'reboot-required.pkgs'), 'utf8'))) ?? '';
  return [...new Set(text.split('\n').filter((line) => line !== ''))].slice(0, MOST_KERNELS);
}

async function listed(folder: string): Promise<readonly string[]> {
  return ((await unlessMissing(readdir(folder))) ?? []).slice(0, MOST_KERNELS);
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
