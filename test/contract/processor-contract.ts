import { expect, test } from '@jest/globals';

import type { Metric, Processor, ProcessorPlugin } from '../../src/plugin/index.ts';
import { silentLog, testContext } from '../../src/testing.ts';

import type { LoadPlugin } from './plugin-contract.ts';

export interface ProcessorContractOptions {
  /** Options with which the processor does something to `changes`. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly changes: Metric;
  /** A metric that the processor ignores with these options. */
  readonly passes: Metric;
}

export function processorContract(
  load: LoadPlugin<ProcessorPlugin>,
  { options, changes, passes }: ProcessorContractOptions,
): void {
  async function withProcessor(body: (processor: Processor) => void): Promise<void> {
    const plugin = await load();
    const context = testContext({ log: silentLog });
    try {
      body(await plugin.create(plugin.config.parse(options), context));
    } finally {
      context.close();
    }
  }

  test('returns the same object if nothing changes', () =>
    withProcessor((processor) => {
      expect(processor.process(passes)).toBe(passes);
    }));

  test('never changes its argument, and gives the same result for frozen and unfrozen tags', () =>
    withProcessor((processor) => {
      const loose = structuredClone(changes);
      const frozen = deepFreeze(structuredClone(changes));
      const first = results(processor, frozen);
      const again = results(processor, frozen);
      expect(results(processor, loose)).toEqual(first);
      expect(again).toEqual(first);
      expect(loose).toEqual(changes);
    }));

  test('changes the metrics it is meant for', () =>
    withProcessor((processor) => {
      const seen = results(processor, changes);
      const released = processor.flush?.(0, true) ?? [];
      expect([...seen, ...released]).not.toEqual([changes]);
    }));

  test('releases everything it holds back at the last flush, once', () =>
    withProcessor((processor) => {
      processor.process(changes);
      processor.flush?.(Number.MAX_SAFE_INTEGER, true);
      expect(processor.flush?.(Number.MAX_SAFE_INTEGER, true) ?? []).toEqual([]);
    }));

  test('makes only metrics with a name, a field and a time', () =>
    withProcessor((processor) => {
      const made = [...results(processor, changes), ...(processor.flush?.(0, true) ?? [])];
      expect(made.filter(({ name, fields }) => name === '' || Object.keys(fields).length === 0)).toEqual([]);
      expect(made.every(({ time }) => typeof time === 'bigint')).toBe(true);
    }));
}

function results(processor: Processor, metric: Metric): readonly Metric[] {
  const result = processor.process(metric);
  if (result === undefined) return [];
  return Array.isArray(result) ? (result as readonly Metric[]) : [result as Metric];
}

export function deepFreeze(metric: Metric): Metric {
  Object.freeze(metric.tags);
  Object.freeze(metric.fields);
  return Object.freeze(metric);
}
