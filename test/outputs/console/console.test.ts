import { EventEmitter } from 'node:events';

import { expect, test } from '@jest/globals';

import { createConsole, type Screen } from '../../../src/outputs/console/console.ts';
import { testBatch } from '../../support/kit/batch.ts';

const LIVE = new AbortController().signal;
const ESCAPE = '\u001b';

class FakeScreen extends EventEmitter implements Screen {
  readonly isTTY: boolean;
  readonly columns: number;
  readonly colors: boolean;
  text = '';
  failure: Error | undefined;
  /** Set to delay the callbacks of writes. */
  confirm: ((done: () => void) => void) | undefined;

  constructor({ isTTY = true, columns = 80, colors = false } = {}) {
    super();
    this.isTTY = isTTY;
    this.columns = columns;
    this.colors = colors;
  }

  hasColors(): boolean {
    return this.colors;
  }

  write(data: Uint8Array | string, done: (error?: Error | null) => void): boolean {
    const { failure } = this;
    if (failure !== undefined) {
      setImmediate(() => {
        done(failure);
        this.emit('error', failure);
      });
      return false;
    }
    this.text += typeof data === 'string' ? data : Buffer.from(data).toString();
    if (this.confirm === undefined) done();
    else this.confirm(done);
    return true;
  }
}

const AUTO = { format: 'auto', color: 'auto' } as const;

async function show(lines: readonly string[], screen = new FakeScreen()): Promise<readonly string[]> {
  await createConsole(AUTO, screen).write(testBatch(lines), LIVE);
  return screen.text.split('\n');
}

test('is line protocol, byte for byte, if it is not a terminal', async () => {
  const screen = new FakeScreen({ isTTY: false });
  await createConsole(AUTO, screen).write(testBatch(['cpu,cpu=a\u0007 n=1i 1']), LIVE);
  expect(screen.text).toBe('cpu,cpu=a\u0007 n=1i 1\n');
});

test('is tables on a terminal: rows by their distinguishing tags, shared tags once', async () => {
  const [rule, ...lines] = await show([
    'disk,device=sda1,fstype=ext4,host=web,path=/ used_percent=92.14,total=100000000i,free=0i 1700000000000000000',
    'disk,device=sdb1,fstype=ext4,host=web,path=/srv used_percent=7.5,total=2000i,free=0i 1700000000000000000',
    'system,host=web uptime=86400i 1700000000000000000',
    'system,host=web load1=0.5,state="ok" 1700000000000000000',
  ]);
  expect(rule).toMatch(/^── \d\d:\d\d:\d\d ── web ─+$/);
  expect(rule).toHaveLength(80);
  expect(lines).toEqual([
    '',
    'disk fstype=ext4',
    '        used_percent        total  free',
    '  /            92.14  100,000,000     0',
    '  /srv          7.50        2,000     0',
    '',
    'system',
    '    load1  uptime  state',
    '     0.50  86,400     ok',
    '',
    '',
  ]);
});

test('each second has a section, in order of time', async () => {
  const lines = await show(['m n=2i 1700000010000000000', 'm n=1i 1700000000000000000']);
  expect(lines.filter((text) => text.startsWith('──'))).toHaveLength(2);
  expect(lines.indexOf('    1')).toBeLessThan(lines.indexOf('    2'));
});

test('rows are in natural order, the total first', async () => {
  const lines = await show(['cpu10', 'cpu2', 'cpu-total'].map((cpu) => `cpu,cpu=${cpu} usage_user=1 1`));
  expect(lines.slice(4, 7).map((text) => text.trim().split(' ')[0])).toEqual(['cpu-total', 'cpu2', 'cpu10']);
});

test('no line is wider than the terminal; hidden fields are counted', async () => {
  const fields = Array.from({ length: 30 }, (_, i) => `some_field_${i}=1i`).join(',');
  const lines = await show(
    [`m,tag=${'x'.repeat(60)} ${fields} 1`, `m,tag=y ${fields} 1`],
    new FakeScreen({ columns: 60 }),
  );
  expect(Math.max(...lines.map((text) => text.length))).toBeLessThanOrEqual(60);
  expect(lines[2]).toBe('m +28 more');
});

test('wide characters keep the columns aligned', async () => {
  const lines = await show(['m,name=数据 n=1i 1', 'm,name=abcd n=2i 1']);
  expect(lines.slice(4, 6)).toEqual(['  abcd  2', '  数据  1']);
});

test('control characters in names and values never reach the terminal', async () => {
  const hostile = [
    // A line with controls outside of strings is no line.
    `m,na\u202eme=a\u200b[31m f\u202e="x${ESCAPE}]0;title\u0007\r\n",n=1i 1`,
    'm,other=b n=2i 1',
  ];
  for (const format of ['pretty', 'influx'] as const) {
    const screen = new FakeScreen();
    await createConsole({ format, color: 'auto' }, screen).write(testBatch(hostile), LIVE);
    expect(screen.text).not.toMatch(/[^\P{Cc}\n]|\u202e|\u200b/u);
    expect(screen.text).toContain('a\\u{200b}[31m');
  }
});

test('colours mark high fill levels, and are used only if enabled', async () => {
  const batch = testBatch(['disk,path=/ used_percent=92 1', 'disk,path=/srv used_percent=80 1']);
  const text = async (color: 'auto' | 'always' | 'never', colors: boolean) => {
    const screen = new FakeScreen({ colors });
    await createConsole({ format: 'pretty', color }, screen).write(batch, LIVE);
    return screen.text;
  };
  const colored = await text('always', false);
  expect(colored).toMatch(new RegExp(`${ESCAPE}\\[1;31m *92\\.00${ESCAPE}\\[22;39m`));
  expect(colored).toMatch(new RegExp(`${ESCAPE}\\[33m *80\\.00${ESCAPE}\\[39m`));
  expect(await text('auto', true)).toBe(colored);
  expect(await text('auto', false)).not.toContain(ESCAPE);
  expect(await text('never', true)).not.toContain(ESCAPE);
});

test('resolves only when the text is written, and rejects at the deadline', async () => {
  const screen = new FakeScreen();
  const waiting: (() => void)[] = [];
  screen.confirm = (done) => waiting.push(done);
  let isDone = false;
  const first = createConsole(AUTO, screen)
    .write(testBatch(['m n=1i 1']), LIVE)
    .then(() => {
      isDone = true;
    });
  await new Promise(setImmediate);
  expect(isDone).toBe(false);
  waiting.pop()?.();
  await first;

  const deadline = new AbortController();
  const second = createConsole(AUTO, screen).write(testBatch(['m n=1i 1']), deadline.signal);
  deadline.abort(new Error('too late'));
  await expect(second).rejects.toThrow('too late');
});

test('a closed pipe is reported, does not crash the process, and leaves no listener behind', async () => {
  const screen = new FakeScreen({ isTTY: false });
  screen.failure = Object.assign(new Error('write EPIPE'), { code: 'EPIPE' });
  const output = createConsole(AUTO, screen);
  await expect(output.write(testBatch(['m n=1i 1']), LIVE)).rejects.toThrow(
    'Cannot print metrics: the program that reads standard output has exited',
  );
  await new Promise(setImmediate);
  await new Promise(setImmediate);
  expect(screen.listenerCount('error')).toBe(0);
});

test('C-005: 150,000 metrics without tags at once are printed', async () => {
  const lines = Array.from({ length: 150_000 }, (_, index) => `m v=${index} ${index}`);
  expect((await show(lines)).length).toBeGreaterThan(1);
  const wide = Array.from({ length: 150_000 }, (_, index) => `m f${index}=1 1`);
  expect((await show(wide)).length).toBeGreaterThan(1);
});
