import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { gunzipSync, inflateRawSync, type ZlibOptions } from 'node:zlib';

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { joinToGzip, packLines, unpackLines, type PackedLines } from '../../src/metric/packed-lines.ts';
import { testWith } from '../support/servers/real-server.ts';

const GZIP_HEADER_BYTES = 10;
const GZIP_TRAILER_BYTES = 8;

/** Lines of a group: few or many, compressible or not. */
const anyGroup = fc
  .record({
    size: fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 1500 })),
    seed: fc.string({ maxLength: 8 }),
    isNoise: fc.boolean(),
  })
  .map(({ size, seed, isNoise }) => {
    const lines = Array.from({ length: size }, (_, index) => {
      const text = isNoise ? createHash('sha512').update(`${seed}${index}`).digest('base64') : seed;
      return `cpu,host=a,text=${index} usage=${index}.5,s=${JSON.stringify(text)} 17000000000000${index}\n`;
    });
    return { size, bytes: Buffer.from(lines.join('')) };
  });

const anyGroups = fc.array(anyGroup, { maxLength: 8 });

async function packAll(groups: readonly { readonly size: number; readonly bytes: Buffer }[]): Promise<PackedLines[]> {
  return Promise.all(groups.map(async ({ size, bytes }) => packLines(bytes, size)));
}

describe('groups of compressed lines', () => {
  test('unpack to the same lines', async () => {
    await fc.assert(
      fc.asyncProperty(anyGroup, async ({ size, bytes }) => {
        const { lines: _, ...packed } = await packLines(bytes, size);
        expect(packed).toMatchObject({ size, bytes: bytes.length });
        expect(bytes.equals(unpackLines(packed))).toBe(true);
      }),
    );
  });

  test('join to a gzip stream of a single member', async () => {
    await fc.assert(
      fc.asyncProperty(anyGroups, async (groups) => {
        const joined = joinToGzip(await packAll(groups));
        const lines = Buffer.concat(groups.map(({ bytes }) => bytes));
        expect(lines.equals(gunzipSync(joined))).toBe(true);
        // The stream inside ends where the trailer begins, so there is no second member.
        const options: ZlibOptions = { info: true };
        const inner = inflateRawSync(joined.subarray(GZIP_HEADER_BYTES), options) as unknown as {
          readonly buffer: Buffer;
          readonly engine: { readonly bytesWritten: number };
        };
        expect(lines.equals(inner.buffer)).toBe(true);
        expect(inner.engine.bytesWritten).toBe(joined.length - GZIP_HEADER_BYTES - GZIP_TRAILER_BYTES);
      }),
      { numRuns: 200 },
    );
  });

  const gzipTest = testWith({ binary: 'gzip', package: 'gzip' });

  gzipTest('are read by the gzip of the system without a complaint', async () => {
    await fc.assert(
      fc.asyncProperty(anyGroups, async (groups) => {
        const input = joinToGzip(await packAll(groups));
        const tested = spawnSync('gzip', ['-t'], { input });
        expect([tested.status, tested.stderr.toString()]).toEqual([0, '']);
        const { stdout, status } = spawnSync('gzip', ['-dc'], { input, maxBuffer: 2 ** 26 });
        expect(status).toBe(0);
        expect(stdout.equals(Buffer.concat(groups.map(({ bytes }) => bytes)))).toBe(true);
      }),
      { numRuns: 25 },
    );
  });

  test('can be joined in any selection, and the same group repeatedly', async () => {
    const groups = ['m v=1\n', 'm v=2\nm v=3\n', 'm s="a\nb"\n'].map((text) => Buffer.from(text));
    const packed = await packAll(groups.map((bytes) => ({ size: 1, bytes })));
    const [a, b, c] = packed as [PackedLines, PackedLines, PackedLines];
    expect(gunzipSync(joinToGzip([c, a, a])).toString()).toBe('m s="a\nb"\nm v=1\nm v=1\n');
    expect(gunzipSync(joinToGzip([b])).toString()).toBe('m v=2\nm v=3\n');
    expect(gunzipSync(joinToGzip([])).toString()).toBe('');
  });

  test('are compressed synchronously if small, in the thread pool if large', async () => {
    expect(packLines(Buffer.alloc(1000, 'm v=1\n'), 1)).toHaveProperty('fragment');
    const large = packLines(Buffer.alloc(100_000, 'm v=1\n'), 1);
    expect(large).not.toHaveProperty('fragment');
    expect(unpackLines(await large)).toHaveLength(100_000);
  });

  test('are smaller than their lines', async () => {
    const lines = Array.from(
      { length: 1000 },
      (_, index) => `cpu,host=a,cpu=cpu${index % 8} usage_user=${index % 7}.25\n`,
    );
    const { fragment, bytes } = await packLines(Buffer.from(lines.join('')), 1000);
    expect(fragment.length * 5).toBeLessThan(bytes);
  });

  test('are refused if any byte is damaged', async () => {
    const packed = await packLines(Buffer.from('cpu,host=a usage=1.5 17\ncpu,host=a usage=2.5 18\n'), 2);
    const { lines: _, ...group } = packed;
    let survivors = 0;
    for (let at = 0; at < group.fragment.length; at += 1) {
      for (let bit = 0; bit < 8; bit += 1) {
        const fragment = Buffer.from(group.fragment);
        fragment[at]! ^= 1 << bit;
        try {
          expect(Buffer.from(packed.lines!).equals(unpackLines({ ...group, fragment }))).toBe(true);
          survivors += 1;
        } catch (error) {
          expect(error).toHaveProperty('message', expect.stringMatching(/./));
        }
      }
    }
    // Bits that mean nothing, in the padding of the last block.
    expect(survivors).toBeLessThan(group.fragment.length);
    expect(() => unpackLines({ ...group, bytes: group.bytes + 1 })).toThrow('do not match their checksum');
    expect(() => unpackLines({ ...group, crc32: group.crc32 ^ 1 })).toThrow('do not match their checksum');
  });

  test('far larger than their declared length are not unpacked to the end', async () => {
    const { fragment } = await packLines(Buffer.alloc(50_000_000, 'm v=1\n'), 1);
    expect(() => unpackLines({ size: 1, fragment, bytes: 6, crc32: 0 })).toThrow(/larger than|Cannot create a Buffer/);
  });
});
