/**
 * A private Docker daemon: own socket, data, containerd and PID files, no bridge and no firewall rules, so it cannot see or disturb
 * another daemon of the machine. Needs root.
 */
import { execFile } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { test } from '@jest/globals';

import { findBinary, serverFolder, startServer, testWith, waitFor, type Requirement } from './real-server.ts';

const run = promisify(execFile);

const REQUIREMENTS: readonly Requirement[] = [
  { binary: 'dockerd', package: 'docker.io' },
  { binary: 'docker', package: 'docker.io or docker-cli' },
  { binary: 'busybox', package: 'busybox-static' },
];

/** The image of the containers: one static busybox. */
export const IMAGE = 'registry.example.org/tools/busybox:1.0';

const isRoot = process.getuid?.() === 0;

/** Whether `startDocker` can work here. */
export const canStartDocker = isRoot && REQUIREMENTS.every(({ binary }) => findBinary(binary) !== undefined);

/** Like `testWith`, for tests that talk to the daemon; also skipped without root. */
export function dockerTest(title: string, body: () => Promise<void>, timeout = 60_000): void {
  if (!isRoot && process.env['CI'] !== 'true') test.skip(`${title} (needs root to start dockerd)`, body);
  else testWith(...REQUIREMENTS)(title, body, timeout);
}

export interface DockerServer {
  readonly endpoint: string;
  /** Runs the command line client against this daemon. @returns its output without the last newline */
  docker(...args: readonly string[]): Promise<string>;
  stop(): Promise<void>;
}

export interface DockerOptions {
  /** Where images and containers are. Default: a folder of its own. */
  readonly data?: string;
  /** Default: `vfs`, which works on each file system, and copies each layer. */
  readonly storageDriver?: 'vfs' | 'overlay2';
}

export async function startDocker({ data, storageDriver = 'vfs' }: DockerOptions = {}): Promise<DockerServer> {
  const folder = serverFolder('docker');
  const at = (name: string) => join(folder.path, name);
  const dataRoot = data ?? at('data');
  const endpoint = `unix://${at('docker.sock')}`;
  const server = await startServer({
    command: 'dockerd',
    args: [
      ...['--host', endpoint, '--data-root', dataRoot, '--exec-root', at('exec'), '--pidfile', at('pid')],
      ...['--bridge', 'none', '--iptables=false', '--ip6tables=false', '--storage-driver', storageDriver],
    ],
    ready: () => answers(at('docker.sock')),
    timeout: 40_000,
  });
  // The classic builder is part of the daemon.
  const own = { DOCKER_HOST: endpoint, DOCKER_CONFIG: at('config'), DOCKER_BUILDKIT: '0' };
  const environment = { ...process.env, ...own };
  const docker = async (...args: readonly string[]) =>
    (await run(findBinary('docker') ?? 'docker', args, { env: environment })).stdout.trimEnd();
  const stop = async () => {
    const ids = (await docker('ps', '--all', '--quiet')).split('\n').filter(Boolean);
    if (ids.length > 0) await docker('rm', '--force', ...ids);
    const containerd = processId(at('exec/containerd/containerd.pid'));
    await server.stop();
    if (containerd !== undefined) await end(containerd);
    for (const path of [dataRoot, folder.path]) await unmountBelow(path);
    folder.remove();
  };
  try {
    await importImage(at('root'), docker);
  } catch (error) {
    await stop();
    throw error;
  }
  return { endpoint, docker, stop };
}

function answers(socketPath: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    request({ socketPath, path: '/_ping' }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    })
      .on('error', reject)
      .end();
  });
}

async function importImage(root: string, docker: DockerServer['docker']): Promise<void> {
  mkdirSync(join(root, 'bin'), { recursive: true });
  copyFileSync(findBinary('busybox') ?? '/bin/busybox', join(root, 'bin/busybox'));
  for (const applet of ['sh', 'sleep', 'test', 'touch']) symlinkSync('busybox', join(root, 'bin', applet));
  await run('tar', ['-C', root, '-cf', `${root}.tar`, '.']);
  await docker('import', `${root}.tar`, IMAGE);
}

function processId(file: string): number | undefined {
  return existsSync(file) ? Number(readFileSync(file, 'utf8')) : undefined;
}

/** dockerd stops the containerd that it started, unless it was killed before. */
async function end(pid: number): Promise<void> {
  const alive = () => existsSync(`/proc/${pid}`);
  if (alive()) process.kill(pid, 'SIGTERM');
  await waitFor(() => !alive(), { what: 'The end of containerd' });
}

/** The deepest first: otherwise files would be deleted from mounted file systems. */
async function unmountBelow(folder: string): Promise<void> {
  const points = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '')
    .filter((point) => point.startsWith(`${folder}/`));
  for (const point of points.sort().reverse()) await run('umount', ['--lazy', point]);
}
