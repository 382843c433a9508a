/** An agent takes over the state directory of an earlier version, as its `kill -9` left it. */
import { cpSync, existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, test } from '@jest/globals';

import { readJournal } from '../faults/journal-reader.ts';
import { startCli } from '../support/kit/cli.ts';
import { serverFolder, waitFor } from '../support/servers/real-server.ts';

import { recordState } from './record-state.ts';
import { openScene, type Scene } from './scene.ts';

interface Expected {
  readonly stored: readonly string[];
  readonly hooks: readonly string[];
  /** Milliseconds since the Unix epoch. */
  readonly recordedAt: number;
}

if (process.env['RECORD_STATE'] === '1')
  test('records the state of this version', async () => {
    process.stdout.write(`Recorded ${await recordState()}\n`);
  }, 120_000);

const states = readdirSync(import.meta.dirname).filter((name) => name.startsWith('state-'));

test('there is a state of at least one version', () => {
  expect(states.length).toBeGreaterThan(0);
});

for (const name of states)
  describe(name, () => {
    const recorded = join(import.meta.dirname, name);
    const expected = JSON.parse(readFileSync(join(recorded, 'expected.json'), 'utf8')) as Expected;
    const journalled = readJournal(join(recorded, 'journal'))
      .records.flatMap((record) => record.text().split('\n'))
      .filter((line) => line !== '');
    /** The journal has lines that were sent, and it has lines that were not. */
    const unsent = journalled.filter((line) => !expected.stored.includes(line) && !line.startsWith('bad'));

    async function takenOver(body: (scene: Scene, command: (...args: string[]) => Promise<string>) => Promise<void>) {
      const folder = serverFolder('upgrade');
      const scene = await openScene(folder.path);
      cpSync(recorded, scene.state, { recursive: true });
      rmSync(join(scene.state, 'expected.json'));
      scene.setLevel(90);
      const cli = startCli(['run', '--config', scene.config], { cwd: folder.path });
      const command = async (...args: string[]) => {
        const { code, stdout, stderr } = await startCli([...args, '--config', scene.config], { cwd: folder.path })
          .finished;
        expect({ code, stderr }).toMatchObject({ code: 0 });
        return stdout;
      };
      try {
        await cli.until(' Started ', 30_000);
        await body(scene, command);
        expect(cli.stderr()).not.toMatch(/ error /);
      } finally {
        await cli.end();
        await scene.close();
        folder.remove();
      }
    }

    test('lines, alert, silence and dead letters go on', async () => {
      expect(unsent.length).toBeGreaterThan(2);
      await takenOver(async (scene, command) => {
        // The unsent lines first, in order and none twice; then those of this agent.
        await waitFor(() => scene.stored.length > unsent.length + 1, { timeout: 30_000 });
        expect(scene.stored.slice(0, unsent.length)).toEqual(unsent);

        const alerts = JSON.parse(await command('alerts', '--json')) as object;
        expect(JSON.stringify(alerts)).toContain('level_high');
        // A silence of five years, the longest there is.
        if (Date.now() < expected.recordedAt + 1800 * 86_400_000)
          expect(await command('silence', 'list')).toContain('kept');

        // The receiver knows of the alert already; it hears of its end, once.
        expect(scene.hooks.filter((body) => /"status":"firing"|"state":"firing"/.test(body))).toEqual([]);
        scene.setLevel(1);
        await waitFor(() => scene.hooks.length > 0, { timeout: 60_000 });
        expect(scene.hooks).toHaveLength(1);
        expect(scene.hooks[0]).toContain('resolved');
        const alertOf = (body = '') => /"fingerprint":"([^"]+)"/.exec(body)?.[1];
        expect(alertOf(scene.hooks[0])).toBe(alertOf(expected.hooks[0]));

        expect(await command('dead-letter', 'list')).toMatch(/influxdb/);
      });
    }, 150_000);

    test('has everything that an agent keeps', () => {
      for (const file of ['journal', 'journal/cursors', 'alerts.db', 'dead-letter.lp'])
        expect(existsSync(join(recorded, file))).toBe(true);
    });
  });
