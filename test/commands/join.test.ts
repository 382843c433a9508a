/** Joining several hubs, and leaving them, by the commands; the hubs are real, the agent does not run. */
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import { HubScene } from '../hub/hub-kit.ts';
import { startApiServer, type ApiServer } from '../support/kit/api-server.ts';
import { runCli } from '../support/kit/cli.ts';

interface RunningHub {
  readonly scene: HubScene;
  readonly server: ApiServer;
  address(): string;
}

let folder: string;
let hubs: RunningHub[];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'healthd-join-'));
  const config = {
    agent: { hostname: 'web1', state_dir: join(folder, 'state') },
    inputs: ['mem'],
    outputs: ['discard'],
  };
  writeFileSync(join(folder, 'healthd.json'), JSON.stringify(config));
  hubs = [await startHub(), await startHub()];
});

afterEach(async () => {
  for (const { scene, server } of hubs) {
    await server.close();
    await scene.close();
  }
  rmSync(folder, { recursive: true });
});

async function startHub(): Promise<RunningHub> {
  const scene = await HubScene.open();
  const server = await startApiServer({ sources: { hub: () => scene.part.control, intake: () => scene.part.intake } });
  return { scene, server, address: () => `${server.origin}/#${scene.token().token}` };
}

const run = (...args: readonly string[]) => runCli(args, { cwd: folder });
const fragments = () => readdirSync(join(folder, 'conf.d')).sort();
const memberships = () =>
  readdirSync(join(folder, 'state'))
    .filter((name) => name.startsWith('hub'))
    .sort();
const hubOf = (file: string) => (JSON.parse(readFileSync(join(folder, 'state', file), 'utf8')) as { hub: string }).hub;

describe('healthd join', () => {
  test('of a second hub keeps the first one, and the same hub again replaces its membership', async () => {
    const [first, second] = hubs as [RunningHub, RunningHub];
    expect((await run('join', first.address())).code).toBe(0);
    const added = await run('join', second.address());
    expect(added.code).toBe(0);
    expect(added.stdout).toContain(`It stays a member of ${first.server.origin}`);
    expect(memberships()).toEqual(['hub.hub2-127.0.0.1.json', 'hub.json']);
    expect([hubOf('hub.json'), hubOf('hub.hub2-127.0.0.1.json')]).toEqual([first.server.origin, second.server.origin]);
    expect(fragments()).toEqual(['hub.yaml', 'hub2-127.0.0.1.yaml']);
    const again = await run('join', second.address());
    expect(again.stderr).toContain(`had joined ${second.server.origin} already`);
    expect(memberships()).toHaveLength(2);
    const doctor = await run('doctor');
    expect(doctor.stdout).toContain(`Hub hub: ${first.server.origin} answers`);
    expect(doctor.stdout).toContain(`Hub hub2-127.0.0.1: ${second.server.origin} answers`);
  }, 60_000);

  test('without a configuration writes one, which leave deletes again', async () => {
    const [hub] = hubs as [RunningHub, RunningHub];
    // Root has the folder of the system, which belongs to this machine.
    const isRoot = process.getuid?.() === 0;
    const through = isRoot ? ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'] : [];
    const home = join(folder, 'home');
    for (const path of [home, join(home, 'state')]) mkdirSync(path);
    chmodSync(folder, 0o755);
    if (isRoot) for (const path of [home, join(home, 'state')]) chownSync(path, 65_534, 65_534);
    const env = { XDG_CONFIG_HOME: join(home, 'config'), STATE_DIRECTORY: join(home, 'state') };
    const ofUser = (...args: readonly string[]) => runCli(args, { cwd: home, env, through });
    const config = join(home, 'config', 'healthd', 'healthd.yaml');
    expect(await ofUser('join', hub.address())).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(`Wrote ${config}\n`),
    });
    const checked = await ofUser('check');
    expect(checked.stdout).toContain('✓ output hub');
    expect(checked.stdout).toContain('✓ input mem');
    expect((await ofUser('leave')).stdout).toContain(`Deleted ${config}\n`);
    expect(existsSync(config)).toBe(false);
  }, 60_000);

  test('that cannot keep its key uses no token up; one that cannot write the output fails, and says what to add', async () => {
    const [hub] = hubs as [RunningHub, RunningHub];
    const address = hub.address();
    const isRoot = process.getuid?.() === 0;
    const through = isRoot ? ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'] : [];
    const state = join(folder, 'state');
    mkdirSync(state);
    // For root the user is another one, so that the folders are closed to it in any case.
    chmodSync(state, 0o555);
    chmodSync(folder, 0o555);
    try {
      const refused = await runCli(['join', address], { cwd: folder, through });
      expect(refused).toMatchObject({
        code: 2,
        stdout: '',
        stderr: expect.stringContaining(`Nothing can be kept in ${state}; run this as`),
      });
      chmodSync(state, 0o777);
      const half = await runCli(['join', address], { cwd: folder, through });
      expect(half).toMatchObject({ code: 1, stdout: expect.stringContaining('Joined ') });
      expect(half.stderr).toMatch(
        /hub\.yaml cannot be written .*; add this to the configuration, and reload:\n.*\noutputs:\n {2}- hub\n/,
      );
    } finally {
      chmodSync(folder, 0o755);
    }
  }, 60_000);

  test('of a hub with itself is refused, and uses no token up', async () => {
    const [{ scene, address }] = hubs as [RunningHub, RunningHub];
    const config = {
      agent: { state_dir: join(scene.folder, 'state') },
      hub: {},
      server: false,
      inputs: ['mem'],
      outputs: ['discard'],
    };
    writeFileSync(join(folder, 'healthd.json'), JSON.stringify(config));
    expect(await run('join', address())).toMatchObject({ code: 1, stderr: 'Cannot join: A hub cannot join itself\n' });
    expect(scene.part.control!.fleet().hosts).toEqual([]);
  }, 60_000);

  test('that fails says why, and that nothing has changed', async () => {
    const [hub] = hubs as [RunningHub, RunningHub];
    const address = hub.address();
    await run('join', address);
    const again = await run('join', address);
    expect(again).toMatchObject({ code: 1, stderr: expect.stringMatching(/^Cannot join: The join token was used up/) });
    expect(again.stderr).not.toContain('had joined');
    const closed = await run('join', `https://127.0.0.1:1/#hd_join_${'a'.repeat(43)}.${'b'.repeat(43)}`);
    expect(closed).toMatchObject({
      code: 1,
      stderr:
        'Cannot join: 127.0.0.1:1: nothing listens there; start the hub, and open its port to this host (ECONNREFUSED)\n',
    });
  }, 60_000);

  test('leave says which hubs there are, and ends one membership', async () => {
    const [first, second] = hubs as [RunningHub, RunningHub];
    expect((await run('leave')).stderr).toContain('has not joined a hub');
    await run('join', first.address());
    await run('join', second.address());
    const unclear = await run('leave');
    expect(unclear.code).not.toBe(0);
    expect(unclear.stderr).toContain(`hub (${first.server.origin}), hub2-127.0.0.1 (${second.server.origin})`);
    const left = await run('leave', first.server.origin);
    expect(left.code).toBe(0);
    expect(memberships()).toEqual(['hub.hub2-127.0.0.1.json']);
    expect(fragments()).toEqual(['hub2-127.0.0.1.yaml']);
    // The other one stays what it is, also when it is the first output now.
    expect((await run('doctor')).stdout).toContain(`Hub hub2-127.0.0.1: ${second.server.origin} answers`);
    expect((await run('leave')).code).toBe(0);
    expect(existsSync(join(folder, 'state', 'hub.hub2-127.0.0.1.json'))).toBe(false);
  }, 60_000);
});
