import { expect, test } from '@jest/globals';

import type { InputPlugin, Metric, MetricSpec } from '../../src/plugin/index.ts';
import { testInput } from '../../src/testing.ts';

import type { LoadPlugin } from './plugin-contract.ts';

export interface InputContractOptions {
  readonly options: Readonly<Record<string, unknown>>;
  /** False for an input of a service that may be absent: then only its catalog is tested. */
  readonly gathers: boolean;
  /** Whether its measurements are named by its source, so that its catalog is empty. Default: false. */
  readonly isOpen?: boolean;
  /** Whether a machine may give it nothing to report (no sensors). Default: false. */
  readonly mayBeSilent?: boolean;
}

const TAGS_OF_THE_HOST = ['host'];

export function inputContract(
  load: LoadPlugin<InputPlugin>,
  { options, gathers, isOpen = false, mayBeSilent = false }: InputContractOptions,
): void {
  test('is an input whose catalog declares and describes what it reports', async () => {
    const { kind, metrics } = await load();
    expect(kind).toBe('input');
    expect(Object.keys(metrics).length === 0).toBe(isOpen);
    const unexplained = Object.entries(metrics).flatMap(([name, { fields, dynamic }]) =>
      Object.entries({ ...fields, ...(dynamic === undefined ? {} : { '*': dynamic }) })
        .filter(([, { help }]) => help.trim() === '')
        .map(([field]) => `${name}.${field}`),
    );
    expect(unexplained).toEqual([]);
    const empty = Object.entries(metrics).filter(
      ([, spec]) => spec.dynamic === undefined && Object.keys(spec.fields).length === 0,
    );
    expect(empty).toEqual([]);
  });

  if (!gathers) return;

  test('reports only what its catalog declares, with the declared types, every time', async () => {
    const plugin = await load();
    const input = await testInput(plugin, options);
    try {
      const types = new Map<string, string>();
      let count = 0;
      for (let round = 0; round < 2; round += 1) {
        // The kernel counts CPU time in ticks, usually of 10 ms; rates need some ticks to pass.
        if (round > 0) await new Promise((resolve) => setTimeout(resolve, 60));
        const { metrics } = await input.gather();
        count += metrics.length;
        if (!isOpen) {
          expect(metrics.flatMap((metric) => undeclared(metric, plugin.metrics[metric.name]))).toEqual([]);
        }
        expect(metrics.flatMap((metric) => changedTypes(metric, types))).toEqual([]);
      }
      if (!mayBeSilent) expect(count).toBeGreaterThan(0);
    } finally {
      await input.stop();
    }
  });

  test('ends quickly when aborted before it starts', async () => {
    const input = await testInput(await load(), options);
    try {
      const ended = Promise.resolve(input.input.gather({ add() {}, error() {} }, AbortSignal.abort())).then(
        () => 'ended',
        () => 'ended',
      );
      const late = new Promise((resolve) => setTimeout(resolve, 2000, 'still running').unref());
      expect(await Promise.race([ended, late])).toBe('ended');
    } finally {
      await input.stop();
    }
  });

  test('can be stopped before it has gathered', async () => {
    const input = await testInput(await load(), options);
    await expect(input.stop()).resolves.toBeUndefined();
  });
}

const TYPE_NAMES = { int: 'bigint', float: 'number', string: 'string', bool: 'boolean' } as const;

function undeclared({ name, tags, fields }: Metric, spec: MetricSpec | undefined): readonly string[] {
  if (spec === undefined) return [name];
  const knownTags = new Set([...Object.keys(spec.tags ?? {}), ...TAGS_OF_THE_HOST]);
  const strangeTags = Object.keys(tags)
    .filter((key) => !knownTags.has(key) && spec.tags?.['*'] === undefined && spec.dynamic === undefined)
    .map((key) => `${name}: tag ${key}`);
  const strangeFields = Object.entries(fields).flatMap(([key, value]) => {
    const declared = spec.fields[key] ?? spec.dynamic;
    if (declared === undefined) return [`${name}: field ${key}`];
    return typeof value === TYPE_NAMES[declared.type] ? [] : [`${name}: field ${key} is a ${typeof value}`];
  });
  return [...strangeTags, ...strangeFields];
}

/** @param types type of each field so far; extended */
function changedTypes({ name, fields }: Metric, types: Map<string, string>): readonly string[] {
  return Object.entries(fields).flatMap(([key, value]) => {
    const field = `${name}.${key}`;
    const before = types.get(field) ?? typeof value;
    types.set(field, before);
    return before === typeof value ? [] : [`${field} was a ${before} and is a ${typeof value}`];
  });
}
