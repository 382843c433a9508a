/** `healthd join` makes a key, gives its public half to the hub, and keeps the other; then an output `hub` sends. `healthd leave` ends that. */
import { access, constants, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join as joinPath } from 'node:path';

import { CONFIG_NAMES, searchFolders } from '../../config/find.ts';
import { systemClock } from '../../core/clock.ts';
import { ConfigError, describeError, errorCode, unlessMissing } from '../../core/errors.ts';
import { createHttpClient } from '../../host/http-client.ts';
import { hostEvidence, PROCESS_START } from '../../host/hub/evidence.ts';
import { parseJoinAddress } from '../../host/hub/join-address.ts';
import { joinHub, tlsOf } from '../../host/hub/link.ts';
import { FIRST_HUB, Memberships } from '../../host/hub/membership.ts';
import { trustedCertificate } from '../../host/hub/pinned.ts';
import { openHost } from '../../host/machine.ts';
import { hubIdIn } from '../../hub/copy.ts';
import { healthdVersion } from '../../version.ts';

import { EXIT, type ConfigOptions, type ExitCode, type Terminal } from '../command.ts';
import { print } from '../print.ts';
import { readConfig } from '../read-config.ts';

export interface JoinInput extends ConfigOptions {
  readonly address: string;
}

export interface LeaveInput extends ConfigOptions {
  readonly hub?: string | undefined;
}

const TIMEOUT_MS = 20_000;
/** An alias has 64 characters. */
const LONGEST_NAME = 50;

export async function join({ address, ...options }: JoinInput, terminal: Terminal): Promise<ExitCode> {
  const { hub, token, fingerprint } = parseJoinAddress(address);
  const config = await readConfig(options, terminal);
  const { hostname } = config.agent;
  // Before the token is used up.
  await makeWritable(config.agent.state_dir);
  const { memberships, outputs } = membershipsOf(config);
  const joined = await joinedHubs(memberships, outputs);
  const name = nameFor(hub, outputs, joined);
  const signal = systemClock.signal(TIMEOUT_MS);
  const host = openHost({ environment: terminal.environment, hostname });
  try {
    const trusted = await trustedCertificate(hub, fingerprint, signal);
    const http = createHttpClient(terminal.environment);
    const own = { hub, ...(trusted !== undefined && { trusted }) };
    const evidence = {
      ...hostEvidence(host, healthdVersion(), PROCESS_START, systemClock),
      hub: config.hub === undefined ? undefined : hubIdIn(config.agent.state_dir),
    };
    const { id, key, hubId, isApproved } = await joinHub(http, { hub, tls: tlsOf(own), token }, evidence, signal);
    await memberships.write(name, { ...own, id, key, hubId });
    if (joined.get(name) === hub)
      print(terminal.stderr, `This host had joined ${hub} already; from now on only the new membership counts`);
    print(terminal.stdout, `Joined ${hub} as ${host.hostname}${isApproved ? '' : '; the hub has to approve it'}`);
  } catch (error) {
    print(terminal.stderr, `Cannot join: ${describeError(error)}`);
    return EXIT.failed;
  } finally {
    host.close();
  }
  const others = [...joined].filter(([each]) => each !== name).map(([, url]) => url);
  if (others.length > 0) print(terminal.stdout, `It stays a member of ${others.join(', ')}; "healthd leave" ends that`);
  const isThere =
    outputs.includes(name) || (await addOutput(name, outputFile(name, config.files[0], terminal), terminal));
  if (!isThere) return EXIT.failed;
  print(terminal.stdout, 'Run "healthd reload", or start the agent; "healthd status" shows whether it sends');
  return EXIT.ok;
}

/** The agent says goodbye when it is reloaded. The hub keeps the host until somebody forgets it there. */
export async function leave({ hub: wanted, ...options }: LeaveInput, terminal: Terminal): Promise<ExitCode> {
  const config = await readConfig(options, terminal);
  const { memberships, outputs } = membershipsOf(config);
  const joined = await joinedHubs(memberships, outputs);
  const isWanted = ([name, hub]: readonly [string, string]) =>
    wanted === undefined || [name, hub, new URL(hub).host].includes(wanted);
  const [found, ...more] = [...joined].filter(isWanted);
  const list = [...joined].map(([name, hub]) => `${name} (${hub})`).join(', ');
  if (found === undefined)
    throw new ConfigError(`This host has not joined ${wanted ?? 'a hub'}${list && `, but ${list}`}`);
  if (more.length > 0) throw new ConfigError(`This host has joined several hubs; say which one it leaves: ${list}`);
  const [name, hub] = found;
  await memberships.remove(name);
  print(terminal.stdout, `Left ${hub}`);
  await removeOutput(name, config.files[0], terminal);
  print(
    terminal.stdout,
    'Run "healthd reload" here, and then "healthd hub forget" with the name of this host on the hub',
  );
  return EXIT.ok;
}

/** @throws ConfigError */
async function makeWritable(directory: string): Promise<void> {
  try {
    await mkdir(directory, { recursive: true, mode: 0o750 });
    await access(directory, constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw new ConfigError(`Nothing can be kept in ${directory}; run this as the user of the agent, or as root`, {
      cause,
    });
  }
}

type Read = Awaited<ReturnType<typeof readConfig>>;

function membershipsOf({ agent, outputs: all }: Pick<Read, 'agent' | 'outputs'>) {
  const outputs = all.filter(({ plugin }) => plugin.name === 'hub').map(({ alias }) => alias);
  return { outputs, memberships: new Memberships(agent.state_dir, () => outputs) };
}

/** Hubs by the aliases of their outputs, also of the first one that has no output yet. */
async function joinedHubs(memberships: Memberships, outputs: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const joined = new Map<string, string>();
  for (const name of outputs.length === 0 ? [FIRST_HUB] : outputs) {
    const known = await memberships.read(name);
    if (known !== undefined) joined.set(name, known.hub);
  }
  return joined;
}

/** That of the same hub, or of an output that has none, or one that says which hub it is. */
function nameFor(hub: string, outputs: readonly string[], joined: ReadonlyMap<string, string>): string {
  const same = [...joined].find(([, url]) => url === hub);
  if (same !== undefined) return same[0];
  const free = outputs.find((name) => !joined.has(name));
  if (free !== undefined) return free;
  if (outputs.length === 0 && joined.size === 0) return FIRST_HUB;
  // In the order in which they were joined: fragments of the configuration are read by their names.
  const host = new URL(hub).hostname.replace(/[^A-Za-z0-9.-]+/g, '').slice(0, LONGEST_NAME);
  for (let number = 2; ; number += 1) {
    const isTaken = outputs.some((name) => name.startsWith(`${FIRST_HUB}${number}`));
    if (!isTaken) return `${FIRST_HUB}${number}-${host}`;
  }
}

/** What the file of an output has that `join` has written. */
function textOf(name: string): string {
  const entry = name === FIRST_HUB ? FIRST_HUB : `${FIRST_HUB}: { alias: ${name} }`;
  return `# Written by "healthd join".\noutputs:\n  - ${entry}\n`;
}

function fileOf(name: string, config: string): string {
  return joinPath(dirname(config), 'conf.d', `${name}.yaml`);
}

/** Without a configuration it becomes one: with an output alone, the agent goes on to watch what it finds. */
function outputFile(name: string, config: string | undefined, { cwd, environment }: Terminal): string {
  if (config !== undefined) return fileOf(name, config);
  const { platform } = process;
  const [, ...folders] = searchFolders({ cwd, environment, platform });
  const [ofUser = ''] = folders;
  const ofAll = folders.at(-1) ?? ofUser;
  return joinPath(process.getuid?.() === 0 || platform === 'win32' ? ofAll : ofUser, CONFIG_NAMES[0]);
}

/** Beside the configuration, so that what people wrote stays as it is. It has no secret, and the agent may run as another user. */
async function addOutput(name: string, path: string, { stdout, stderr }: Terminal): Promise<boolean> {
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o755 });
    await writeFile(path, textOf(name), { mode: 0o644, flag: 'wx' });
    print(stdout, `Wrote ${path}`);
    return true;
  } catch (error) {
    const isThere =
      errorCode(error) === 'EEXIST' &&
      (await access(path).then(
        () => true,
        () => false,
      ));
    print(
      stderr,
      `${path} ${isThere ? 'is there already' : `cannot be written (${describeError(error)})`}; add this to the configuration, and reload:\n${textOf(name)}`,
    );
    return false;
  }
}

/** @returns the file that `join` has written, if it is still as it was: a fragment, or the configuration itself */
async function writtenBy(name: string, config: string): Promise<string | undefined> {
  for (const path of [fileOf(name, config), config]) {
    if ((await unlessMissing(readFile(path, 'utf8'))) === textOf(name)) return path;
  }
  return undefined;
}

/** What people wrote stays as it is. */
async function removeOutput(name: string, file: string | undefined, { stdout, stderr }: Terminal): Promise<void> {
  try {
    const path = file === undefined ? undefined : await writtenBy(name, file);
    if (path === undefined) {
      print(stderr, `Take the output ${name} out of the configuration by hand`);
      return;
    }
    await rm(path);
    print(stdout, `Deleted ${path}`);
  } catch (error) {
    print(
      stderr,
      `The output ${name} cannot be taken out of the configuration (${describeError(error)}); do it by hand`,
    );
  }
}
