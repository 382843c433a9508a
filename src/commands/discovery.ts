/** What this machine has that is worth watching, beyond what every machine has. */
import { constants } from 'node:fs';
import { access, readdir } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';

import { hostInputs } from '../config/validate.ts';
import { systemClock } from '../core/clock.ts';
import { errorCode } from '../core/errors.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface ContainerEngine {
  readonly name: 'Docker' | 'Podman';
  /** As the option `endpoint` of the input `docker`. */
  readonly endpoint: string;
  /** `forbidden`: this user may not open its socket; `silent`: nothing listens there. */
  readonly access: 'open' | 'forbidden' | 'silent';
}

export interface Discovery {
  /** The first one that can be used, else the first one that is there. */
  readonly engine: ContainerEngine | undefined;
  readonly hasSensors: boolean;
  readonly hasSystemd: boolean;
  /** The kernel counts how long processes wait for CPU, memory and disks. */
  readonly hasPressure: boolean;
}

const CONNECT_TIMEOUT_MS = 500;
const DOCKER_DEFAULT = 'unix:///var/run/docker.sock';

export async function discover(environment: Environment, platform: NodeJS.Platform): Promise<Discovery> {
  const { HOST_SYS = '/sys', HOST_PROC = '/proc', HOST_RUN = '/run' } = environment;
  const [engine, hasSensors, hasSystemd, hasPressure] = await Promise.all([
    findEngine(environment, platform),
    hasTemperatures(HOST_SYS),
    exists(join(HOST_RUN, 'systemd/system')),
    exists(join(HOST_PROC, 'pressure/cpu')),
  ]);
  return { engine, hasSensors, hasSystemd, hasPressure };
}

/** As in a file: a name, or one with options. */
export type DiscoveredInput = string | Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;

/** The inputs of a configuration that names none. */
export function discoveredInputs(
  { engine, hasSensors, hasPressure }: Discovery,
  platform: NodeJS.Platform = process.platform,
): readonly DiscoveredInput[] {
  const host = hostInputs(platform).map((name) =>
    name === 'kernel' && hasPressure ? { kernel: { collect: ['psi'] } } : name,
  );
  const docker =
    engine?.access !== 'open'
      ? []
      : [engine.endpoint === DOCKER_DEFAULT ? 'docker' : { docker: { endpoint: engine.endpoint } }];
  return [...host, ...(hasSensors ? ['temp'] : []), ...docker];
}

async function findEngine(environment: Environment, platform: NodeJS.Platform): Promise<ContainerEngine | undefined> {
  const found: ContainerEngine[] = [];
  for (const { name, endpoint, path } of candidates(environment, platform)) {
    const state = path === undefined ? 'open' : await probeEngine(path);
    if (state === 'open') return { name, endpoint, access: state };
    if (state !== undefined) found.push({ name, endpoint, access: state });
  }
  return found[0];
}

interface Candidate extends Pick<ContainerEngine, 'name' | 'endpoint'> {
  /** Of its socket; undefined for an address on the network. */
  readonly path: string | undefined;
}

function candidates({ DOCKER_HOST, XDG_RUNTIME_DIR }: Environment, platform: NodeJS.Platform): readonly Candidate[] {
  if (DOCKER_HOST) {
    return [{ name: 'Docker', endpoint: 'ENV', path: /^(?:unix|npipe):\/\/(.*)$/.exec(DOCKER_HOST)?.[1] }];
  }
  if (platform === 'win32') {
    const path = '//./pipe/docker_engine';
    return [{ name: 'Docker', endpoint: `npipe://${path}`, path }];
  }
  const socket = (name: Candidate['name'], path: string) => ({ name, endpoint: `unix://${path}`, path });
  const own = XDG_RUNTIME_DIR
    ? [
        socket('Docker', join(XDG_RUNTIME_DIR, 'docker.sock')),
        socket('Podman', join(XDG_RUNTIME_DIR, 'podman/podman.sock')),
      ]
    : [];
  return [socket('Docker', '/var/run/docker.sock'), socket('Podman', '/run/podman/podman.sock'), ...own];
}

/** @returns undefined if there is no socket */
export async function probeEngine(path: string): Promise<ContainerEngine['access'] | undefined> {
  const code = await connectionError(path);
  if (code === undefined) return 'open';
  if (['ENOENT', 'ENOTDIR'].includes(code)) return undefined;
  return ['EACCES', 'EPERM'].includes(code) ? 'forbidden' : 'silent';
}

function connectionError(path: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const cancel = systemClock.after(CONNECT_TIMEOUT_MS, () => {
      end('ETIMEDOUT');
    });
    const end = (code: string | undefined) => {
      cancel();
      socket.destroy();
      resolve(code);
    };
    socket.once('connect', () => {
      end(undefined);
    });
    socket.on('error', (error) => {
      end(errorCode(error) ?? error.name);
    });
  });
}

/** As the input `temp` looks for them. */
async function hasTemperatures(sys: string): Promise<boolean> {
  for (const chip of await list(join(sys, 'class/hwmon'))) {
    const folder = join(sys, 'class/hwmon', chip);
    const files = [...(await list(folder)), ...(await list(join(folder, 'device')))];
    if (files.some((name) => /^temp\d+_input$/.test(name))) return true;
  }
  return (await list(join(sys, 'class/thermal'))).some((name) => name.startsWith('thermal_zone'));
}

async function list(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch {
    return []; // no such devices
  }
}

export async function exists(path: string): Promise<boolean> {
  return access(path, constants.F_OK).then(
    () => true,
    () => false,
  );
}
