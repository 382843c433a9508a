/** Copies of a hub: what is in them, what is refused, and what restoring changes. */
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from '@jest/globals';

import { loadDriver } from '../../src/host/sqlite/driver.ts';
import { backUpHub, restoreHub, type HubFiles } from '../../src/hub/copy.ts';

import { HubScene } from './hub-kit.ts';

let scene: HubScene;
let files: HubFiles;
let copy: string;
const state = (name: string) => join(files.stateDirectory, name);

beforeEach(async () => {
  scene = await HubScene.open();
  files = { stateDirectory: join(scene.folder, 'state'), certificate: 'own.pem' };
  copy = join(scene.folder, 'copy.db');
});

afterEach(() => scene.close());

function changeCopy(sql: string): void {
  const db = new (loadDriver())(copy);
  db.exec(sql);
  db.close();
}

test('the certificate that agents trust comes back with the hosts; what was there before is kept', async () => {
  writeFileSync(state('own.pem'), 'first');
  scene.host('web1');
  backUpHub(files, copy);
  scene.host('web2');
  writeFileSync(state('own.pem'), 'second');
  await scene.part.stop();
  const { hosts, aside } = restoreHub(files, copy, scene.clock.now());
  expect(hosts).toBe(1);
  expect(readFileSync(state('own.pem'), 'utf8')).toBe('first');
  expect(statSync(state('own.pem')).mode & 0o777).toBe(0o600);
  expect(aside.map((path) => existsSync(path))).toEqual([true, true]);
  await scene.start();
  expect([scene.presence('web1'), scene.presence('web2')]).toEqual(['up', undefined]);
  expect(scene.part.control!.tokens().tokens).toEqual([]);
});

test('hosts of an old copy are not forgotten before they can be heard', async () => {
  scene.host('web1');
  backUpHub(files, copy);
  await scene.part.stop();
  scene.clock.advance(90 * 86_400_000);
  restoreHub(files, copy, scene.clock.now());
  await scene.start();
  await scene.pass(60_000);
  expect(scene.presence('web1')).toBe('down');
});

test.each([
  ['of a newer version', 'PRAGMA user_version = 99', /written by a newer healthd \(version 99\)/],
  ['of something else', 'DROP TABLE tokens', /it is not a copy of a hub/],
  ['with a damaged record', "UPDATE hosts SET record = '{}'", /the record of the host \w+ is damaged/],
])('a copy %s changes nothing', async (_what, sql, message) => {
  scene.host('web1');
  backUpHub(files, copy);
  changeCopy(sql);
  await scene.part.stop();
  const contents = () =>
    readdirSync(files.stateDirectory).map((name) => [name, readFileSync(state(name)).toString('hex')]);
  const before = contents();
  expect(() => restoreHub(files, copy, 0)).toThrow(message);
  expect(contents()).toEqual(before);
});

test('an agent that has not been a hub has nothing to copy', () => {
  expect(() => backUpHub({ ...files, stateDirectory: scene.folder }, copy)).toThrow('has not been a hub');
  expect(existsSync(copy)).toBe(false);
});
