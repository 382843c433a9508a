import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { open as openFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

import { afterEach, beforeEach, expect, test } from '@jest/globals';

import { describeError } from '../../../src/core/errors.ts';
import type { AppendHandle } from '../../../src/outputs/append-file.ts';
import { file } from '../../../src/outputs/file/index.ts';
import { RotatingFile, type Rotation } from '../../../src/outputs/file/rotating-file.ts';
import type { Output } from '../../../src/plugin/index.ts';
import { manualClock, silentLog, testContext } from '../../../src/testing.ts';
import { testBatch } from '../../support/kit/batch.ts';

const LIVE = new AbortController().signal;

/** 19 bytes with its newline. */
const line = (n: number) => `m n=${String(n).padStart(10, '0')} 123`;

let folder: string;
let path: string;
let clock: ReturnType<typeof manualClock>;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'healthd-file-'));
  path = join(folder, 'metrics.lp');
  clock = manualClock(Date.UTC(2025, 5, 1, 12));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

async function make(options: object = {}): Promise<Output> {
  return file.create(file.config.parse({ path, ...options }), testContext({ clock }));
}

function fileFor(open: (path: string, flags: number, mode: number) => Promise<AppendHandle>, rotate?: Rotation) {
  return new RotatingFile({ path, sync: false, rotate, header: '', clock, log: silentLog, open });
}

async function errorOf(work: Promise<unknown> | undefined): Promise<string> {
  return describeError(
    await work?.then(
      () => 'nothing was thrown',
      (error: unknown) => error,
    ),
  );
}

test('creates missing folders, and a file that others cannot read', async () => {
  path = join(folder, 'a', 'b', 'metrics.lp');
  const output = await make();
  await output.connect?.(LIVE);
  expect(statSync(path).mode & 0o137).toBe(0);
  await output.stop?.();
});

test('appends to an existing file', async () => {
  writeFileSync(path, 'old\n');
  const output = await make({ format: 'csv' });
  await output.write(testBatch(['m n=1i 0']), LIVE);
  await output.stop?.();
  expect(readFileSync(path, 'utf8')).toBe('old\n1970-01-01T00:00:00Z,m,,,n,1\n');
});

test('a partial line left by a crash does not swallow the next line', async () => {
  writeFileSync(path, 'm n=1i 1\nm n=');
  const output = await make();
  await output.write(testBatch([line(1)]), LIVE);
  await output.stop?.();
  expect(readFileSync(path, 'utf8')).toBe(`m n=1i 1\nm n=\n${line(1)}\n`);
});

test('rejects links and folders, and says what they are', async () => {
  const output = await make();
  mkdirSync(path);
  expect(await errorOf(output.connect?.(LIVE))).toMatch(/Could not open .*metrics\.lp for writing: it is a folder/);
  rmSync(path, { recursive: true });
  symlinkSync(join(folder, 'elsewhere'), path);
  expect(await errorOf(output.connect?.(LIVE))).toMatch(/it is a symbolic link; give the path of the file itself/);
  expect(existsSync(join(folder, 'elsewhere'))).toBe(false);
  unlinkSync(path);
  await output.connect?.(LIVE);
  await output.stop?.();
});

test('rejects a device', async () => {
  path = '/dev/null';
  expect(await errorOf((await make()).connect?.(LIVE))).toMatch(/not a regular file/);
});

test('a full disk fails the write without a trace; the same batch succeeds later', async () => {
  let room = 30;
  const target = fileFor(async (...where) => {
    const handle = await openFile(...where);
    const write = async (bytes: Uint8Array, offset: number, length: number) => {
      if (room === 0) throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
      const result = await handle.write(bytes, offset, Math.min(room, length));
      room -= result.bytesWritten;
      return result;
    };
    return new Proxy(handle, {
      get: (real, key) => {
        const value: unknown = key === 'write' ? write : Reflect.get(real, key);
        return typeof value === 'function' ? (value.bind(real) as unknown) : value;
      },
    });
  });
  const two = Buffer.from(`${line(1)}\n${line(2)}\n`);
  expect(await errorOf(target.append(two, LIVE))).toMatch(/Could not append 38 bytes to .*: ENOSPC/);
  expect(readFileSync(path, 'utf8')).toBe('');
  room = 1000;
  await target.append(two, LIVE);
  expect(readFileSync(path, 'utf8')).toBe(two.toString());
  await target.close();
});

test('short writes are continued', async () => {
  const target = fileFor(async (...where) => {
    const handle = await openFile(...where);
    const write = handle.write.bind(handle);
    handle.write = ((bytes: Uint8Array, offset: number) => write(bytes, offset, 1)) as never;
    return handle;
  });
  await target.append(Buffer.from('many bytes\n'), LIVE);
  await target.close();
  expect(readFileSync(path, 'utf8')).toBe('many bytes\n');
});

test('concurrent writes do not mix their lines', async () => {
  const output = await make();
  const writes = [1, 2, 3].map((n) => output.write(testBatch([line(n), line(n)]), LIVE));
  await Promise.all(writes);
  await output.stop?.();
  expect(readFileSync(path, 'utf8')).toBe([1, 1, 2, 2, 3, 3].map((n) => `${line(n)}\n`).join(''));
});

test('reopens after an external rotation, and detects a removed file by itself', async () => {
  const output = await make();
  await output.write(testBatch([line(1)]), LIVE);
  renameSync(path, `${path}.1`);
  await output.write(testBatch([line(2)]), LIVE);
  await output.reopen?.();
  await output.write(testBatch([line(3)]), LIVE);
  expect(readFileSync(`${path}.1`, 'utf8')).toBe(`${line(1)}\n${line(2)}\n`);
  expect(readFileSync(path, 'utf8')).toBe(`${line(3)}\n`);
  unlinkSync(path);
  await output.write(testBatch([line(4)]), LIVE);
  expect(readFileSync(path, 'utf8')).toBe(`${line(4)}\n`);
  await output.stop?.();
});

test('follows a file that is truncated externally (copytruncate)', async () => {
  const output = await make();
  await output.write(testBatch([line(1)]), LIVE);
  truncateSync(path, 0);
  await output.write(testBatch([line(2)]), LIVE);
  await output.stop?.();
  expect(readFileSync(path, 'utf8')).toBe(`${line(2)}\n`);
});

test('rotates before the size is exceeded, compresses, and keeps the newest; stop waits for it', async () => {
  const output = await make({ rotate: { size: 45, keep: 2 } });
  for (let n = 1; n <= 9; n += 1) {
    clock.advance(1000);
    await output.write(testBatch([line(n)]), LIVE);
  }
  await output.stop?.();
  expect(readdirSync(folder)).toEqual([
    'metrics.lp',
    'metrics.lp.20250601T120007.000Z.gz',
    'metrics.lp.20250601T120009.000Z.gz',
  ]);
  const texts = readdirSync(folder).map((name) => {
    const content = readFileSync(join(folder, name));
    return (name.endsWith('.gz') ? gunzipSync(content) : content).toString();
  });
  expect(texts).toEqual([`${line(9)}\n`, `${line(5)}\n${line(6)}\n`, `${line(7)}\n${line(8)}\n`]);
});

test('rotations within one millisecond lose nothing', async () => {
  const output = await make({ rotate: { size: 20, keep: 10, gzip: false } });
  for (let n = 1; n <= 5; n += 1) await output.write(testBatch([line(n)]), LIVE);
  await output.stop?.();
  const names = readdirSync(folder);
  expect(names).toHaveLength(5);
  const [live = '', ...rotated] = names.map((name) => readFileSync(join(folder, name), 'utf8'));
  expect([...rotated, live]).toEqual([1, 2, 3, 4, 5].map((n) => `${line(n)}\n`));
});

test('rotates by age, and every file has the header', async () => {
  const output = await make({ format: 'csv', rotate: { age: '1h', gzip: false } });
  await output.write(testBatch(['m n=1i 0']), LIVE);
  clock.advance(3_599_999);
  await output.write(testBatch(['m n=2i 0']), LIVE);
  clock.advance(1);
  await output.write(testBatch(['m n=3i 0']), LIVE);
  await output.stop?.();
  const row = (n: number) => `1970-01-01T00:00:00Z,m,,,n,${n}\n`;
  const header = 'time,measurement,host,tags,field,value\n';
  expect(readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'))).toEqual([
    header + row(3),
    header + row(1) + row(2),
  ]);
});

test('cleans up after a crash: compresses plain files, removes partial ones, keeps unrelated ones', async () => {
  const rotated = 'metrics.lp.20250601T110000.000Z';
  writeFileSync(join(folder, rotated), 'm n=1i 1\n');
  writeFileSync(join(folder, `${rotated}.gz.partial`), 'half');
  writeFileSync(join(folder, 'metrics.lp.bak'), 'mine');
  const output = await make({ rotate: { size: '1MiB' } });
  await output.connect?.(LIVE);
  await output.stop?.();
  expect(readdirSync(folder)).toEqual(['metrics.lp', `${rotated}.gz`, 'metrics.lp.bak']);
  expect(gunzipSync(readFileSync(join(folder, `${rotated}.gz`))).toString()).toBe('m n=1i 1\n');
});

test('a file that another program appends to is never truncated', async () => {
  const output = await make();
  await output.write(testBatch([line(1)]), LIVE);
  appendFileSync(path, 'other\n');
  await output.write(testBatch([line(2)]), LIVE);
  await output.stop?.();
  expect(readFileSync(path, 'utf8')).toBe(`${line(1)}\nother\n${line(2)}\n`);
});

test('a rotation without size and age is rejected', () => {
  const { error } = file.config.safeParse({ path, rotate: { keep: 3 } });
  expect(error?.issues[0]?.message).toBe('Set size, age or both');
});
