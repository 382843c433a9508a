import { expect, test } from '@jest/globals';

import type { Batch, Output, OutputPlugin } from '../../src/plugin/index.ts';
import { testContext } from '../../src/testing.ts';
import { testBatch } from '../support/kit/batch.ts';

import type { LoadPlugin } from './plugin-contract.ts';

/** Lines that are easily damaged: escapes, text beyond ASCII, 64-bit integers, newlines in strings. */
export const DIFFICULT_LINES = [
  'cpu,cpu=cpu0,host=a usage_idle=99.5,n=9007199254740993i 1700000000000000001',
  'we\\ ather,ci\\,ty=M\\=ünchen,emoji=🌧 wet=true,note="a \\"quoted\\" back\\\\slash" 1700000000000000002',
  'log,host=b text="two\nlines",语言="中文" 1700000000000000003',
] as const;

/** A destination for one test. */
export interface Destination {
  readonly options: Readonly<Record<string, unknown>>;
  /** The line protocol that arrived, as bytes; undefined for a destination that keeps nothing. */
  received(): Uint8Array | undefined | Promise<Uint8Array | undefined>;
  close(): Promise<void> | void;
}

const LIVE = new AbortController().signal;

/** @param open makes a new destination, and options to send line protocol there */
export function outputContract(load: LoadPlugin<OutputPlugin>, open: () => Promise<Destination> | Destination): void {
  async function withOutput(body: (output: Output, destination: Destination) => Promise<void>): Promise<void> {
    const plugin = await load();
    const destination = await open();
    const context = testContext();
    try {
      await body(await plugin.create(plugin.config.parse(destination.options), context), destination);
    } finally {
      context.close();
      await destination.close();
    }
  }

  async function expectReceived(destination: Destination, batches: readonly Batch[]): Promise<void> {
    const received = await destination.received();
    if (received === undefined) return;
    expect(Buffer.from(received).toString()).toBe(batches.map(({ lines }) => Buffer.from(lines).toString()).join(''));
  }

  test('has delivered every byte when write resolves', () =>
    withOutput(async (output, destination) => {
      const batches = [testBatch(DIFFICULT_LINES), testBatch(['cpu,host=a n=1i 1'])];
      await output.connect?.(LIVE);
      for (const [index, batch] of batches.entries()) {
        await output.write(batch, LIVE);
        await expectReceived(destination, batches.slice(0, index + 1));
      }
      await output.stop?.();
      await expectReceived(destination, batches);
    }));

  test('writes without a preceding connect, which may have failed', () =>
    withOutput(async (output, destination) => {
      const batch = testBatch(DIFFICULT_LINES);
      await output.write(batch, LIVE);
      await expectReceived(destination, [batch]);
      await output.stop?.();
    }));

  test('rejects and delivers nothing when aborted before it starts', () =>
    withOutput(async (output, destination) => {
      const reason = new Error('the deadline has passed');
      await expect(output.write(testBatch(DIFFICULT_LINES), AbortSignal.abort(reason))).rejects.toThrow();
      await expectReceived(destination, []);
      await output.stop?.();
    }));

  test('does not change the batch, so that it can be written again', () =>
    withOutput(async (output, destination) => {
      const batch = testBatch(DIFFICULT_LINES);
      const before = Buffer.from(batch.lines).toString('hex');
      await output.write(batch, LIVE);
      await output.write(batch, LIVE);
      expect(Buffer.from(batch.lines).toString('hex')).toBe(before);
      await expectReceived(destination, [batch, batch]);
      await output.stop?.();
    }));

  test('continues after its files were moved away', () =>
    withOutput(async (output, destination) => {
      const batch = testBatch(DIFFICULT_LINES);
      await output.write(batch, LIVE);
      await output.reopen?.();
      await output.write(batch, LIVE);
      await expectReceived(destination, [batch, batch]);
      await output.stop?.();
    }));

  test('can be stopped before it was used', () =>
    withOutput(async (output) => {
      await output.stop?.();
      expect(output).toHaveProperty('write');
    }));
}
