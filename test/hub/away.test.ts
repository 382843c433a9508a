/** What of a host that is away, or whose clock is wrong, concerns its alerts and lines. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';

import { notAhead } from '../../src/hub/not-ahead.ts';
import { parseLines } from '../../src/metric/line-protocol.ts';

import { HubScene } from './hub-kit.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NS = 1_000_000n;

let scene: HubScene;

beforeEach(async () => {
  scene = await HubScene.open();
});

afterEach(() => scene.close());

test('a member or a writer that is not up is away; a name that nobody has is not', async () => {
  const web1 = scene.host('web1');
  const web2 = scene.host('web2');
  await scene.passWriting(MINUTE, 'old1');
  await scene.passHeard(MINUTE, web1);
  const away = () => ['web1', 'web2', 'old1', 'nobody'].filter((name) => scene.part.sight?.isAway(name));
  expect(away()).toEqual(['web2', 'old1']);
  web2.beat();
  scene.write('old1');
  await scene.pass(2000);
  expect(away()).toEqual([]);
  web2.beat('stop');
  await scene.pass(2000);
  expect(away()).toEqual(['web2']);
});

test('of two hosts with one name each is away by the name that its lines have', async () => {
  const one = scene.host('web1');
  const two = scene.host('web1');
  await scene.passHeard(2 * MINUTE, one);
  const other = `web1~${two.id.slice(0, 6)}`;
  const away = () => ['web1', other].filter((name) => scene.part.sight?.isAway(name));
  expect(away()).toEqual([other]);
  two.beat();
  await scene.pass(2000);
  expect(away()).toEqual([]);
});

test('a host that is forgotten is named, so that its alerts end', async () => {
  scene.host('web1');
  await scene.passWriting(MINUTE, 'old1');
  scene.part.control!.act('forget', 'web1');
  scene.part.control!.act('forget', 'old1');
  expect(scene.forgotten).toEqual(['web1', 'old1']);
});

test('lines of next year are put right, counted, and said once; others stay as they are', async () => {
  const web1 = scene.host('web1');
  const now = BigInt(scene.clock.now()) * NS;
  const [near, far] = [now + BigInt(5 * MINUTE) * NS, now + BigInt(365 * 24 * HOUR) * NS];
  await web1.sendLines([`m,host=web1 v=1i ${now}\n`, `m,host=web1 v=2i ${near}\n`, `m,host=web1 v=3i ${far}\n`]);
  await web1.sendLines([`m,host=web1 v=4i ${far}\n`], 4);
  const times = scene.lines.map((line) => BigInt(line.split(' ').at(-1) ?? ''));
  expect(times.slice(0, 2)).toEqual([now, near]);
  for (const time of times.slice(2)) expect(time - now < BigInt(MINUTE) * NS).toBe(true);
  expect(scene.field('web1', 'lines_corrected')).toBe(2);
  expect(scene.events('web1')).toEqual(['joined', 'ahead']);
});

test('by the difference of the clocks, if that is it: the lines of an hour stay apart', () => {
  const at = HOUR * 1000;
  const lines = [0, 10_000].map((ms) => `m v=1 ${BigInt(at + HOUR + ms) * NS}`).join('\n');
  const { metrics } = parseLines(Buffer.from(lines));
  const times = (offsetMs?: number) => notAhead(metrics, at, offsetMs).metrics.map(({ time }) => Number(time / NS));
  expect(times(-HOUR)).toEqual([at, at + 10_000]);
  expect(times()).toEqual([at, at]);
  expect(notAhead(metrics, at + HOUR)).toEqual({ metrics, count: 0 });
});
