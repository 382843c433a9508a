import { crc32, deflateRawSync, inflateRawSync } from 'node:zlib';

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { CorruptBlockError } from '../../../src/history/codec/corrupt-block.ts';
import { decodeFrames, encodeFrames, MAX_FRAMES } from '../../../src/history/processes/frame-block.ts';

import { anyFrames, sorted } from './arbitraries.ts';

describe('a block of frames', () => {
  test('gives back the frames', () => {
    fc.assert(
      fc.property(anyFrames, (frames) => {
        expect(sorted(decodeFrames(encodeFrames(frames)))).toEqual(sorted(frames));
      }),
      { numRuns: 150 },
    );
  });

  test('takes figures in its units, within bounds', () => {
    const use = { pid: 1, name: 'init', user: 'root', unit: '' };
    const processes = [{ ...use, cpu: 0.149, memory: 5000, read: 1e30, written: -4 }];
    expect(decodeFrames(encodeFrames([{ at: 1000, total: 1, processes }]))).toEqual([
      { at: 1000, total: 1, processes: [{ ...use, cpu: 0.1, memory: 5120, read: 2 ** 49, written: 0 }] },
    ]);
  });

  test('is not empty, and not larger than an hour at one a second', () => {
    const frames = Array.from({ length: MAX_FRAMES }, (_, at) => ({ at, total: 1, processes: [] }));
    expect(decodeFrames(encodeFrames(frames))).toEqual(frames);
    expect(() => encodeFrames([])).toThrow(RangeError);
    expect(() => encodeFrames([...frames, { at: MAX_FRAMES, total: 1, processes: [] }])).toThrow(RangeError);
  });
});

describe('random corruption of a block of frames', () => {
  const damage = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 5 });

  test('is found', () => {
    fc.assert(
      fc.property(anyFrames, damage, fc.nat(), (frames, places, length) => {
        const block = encodeFrames(frames);
        const damaged = Uint8Array.from(block);
        for (const [place, byte] of places) damaged[place % damaged.length] = byte;
        fc.pre(!damaged.every((byte, index) => byte === block[index]));
        expect(() => decodeFrames(damaged)).toThrow(CorruptBlockError);
        expect(() => decodeFrames(block.subarray(0, length % block.length))).toThrow(CorruptBlockError);
      }),
      { numRuns: 200 },
    );
  });

  test('behind its checksum gives frames or a CorruptBlockError', () => {
    let refused = 0;
    fc.assert(
      fc.property(anyFrames, damage, (frames, places) => {
        const body = Uint8Array.from(inflateRawSync(encodeFrames(frames).subarray(5)));
        for (const [place, byte] of places) body[place % body.length] = byte;
        const content = deflateRawSync(body);
        const sum = Buffer.alloc(5);
        sum[0] = 1;
        sum.writeUInt32LE(crc32(content), 1);
        try {
          decodeFrames(Buffer.concat([sum, content]));
        } catch (error) {
          expect(error).toBeInstanceOf(CorruptBlockError);
          refused += 1;
        }
      }),
      { numRuns: 600 },
    );
    expect(refused).toBeGreaterThan(40);
  });
});
