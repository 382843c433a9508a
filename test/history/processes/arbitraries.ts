import fc from 'fast-check';

import type { ProcessFrame, ProcessUse } from '../../../src/host/processes/frame.ts';

const rate = fc.option(fc.oneof(fc.constant(0), fc.nat(), fc.integer({ min: 0, max: 2 ** 40 })), { nil: undefined });

const text = fc.oneof(
  fc.constantFrom('', 'nginx', 'kworker/0:1', 'Ünït'),
  fc.string({ unit: 'grapheme', maxLength: 15 }),
);

export const anyUse: fc.Arbitrary<ProcessUse> = fc.record({
  pid: fc.integer({ min: 1, max: 4_194_304 }),
  name: text,
  user: text,
  unit: text,
  cpu: fc.nat(64_000).map((tenths) => tenths / 10),
  memory: fc.nat(2 ** 30).map((kib) => kib * 1024),
  read: rate,
  written: rate,
});

/** Few processes that come and go, so that frames have lines in common. */
export const anyFrames: fc.Arbitrary<readonly ProcessFrame[]> = fc
  .uniqueArray(anyUse, { minLength: 1, maxLength: 12, selector: ({ pid }) => pid })
  .chain((pool) =>
    fc.array(
      fc.record({
        gap: fc.oneof(fc.constant(10_000), fc.integer({ min: 1, max: 100_000 })),
        total: fc.nat(5000),
        uses: fc.subarray(pool).chain((some) => fc.tuple(...some.map((use) => changed(use)))),
      }),
      { minLength: 1, maxLength: 40 },
    ),
  )
  .map((frames) => {
    let at = 1_790_000_000_000;
    return frames.map(({ gap, total, uses }) => ({ at: (at += gap), total, processes: uses }));
  });

function changed(use: ProcessUse): fc.Arbitrary<ProcessUse> {
  return fc.oneof(
    fc.constant(use),
    anyUse.map(({ cpu, memory, read, written }) => ({ ...use, cpu, memory, read, written })),
  );
}

/** Processes of a frame have no order. */
export const sorted = (frames: readonly ProcessFrame[]) =>
  frames.map((frame) => ({ ...frame, processes: [...frame.processes].sort((a, b) => a.pid - b.pid) }));
