import { expect, test } from '@jest/globals';

import { pastOf, stepFor } from '../../../src/agent/rule-book/past.ts';
import { ruleInfos } from '../../../src/agent/rule-book/in-force.ts';
import { buildRule } from '../../../src/alerts/rules/build-rule.ts';
import type { KnownFields } from '../../../src/alerts/rules/fields.ts';
import type { RuleConfig } from '../../../src/alerts/rules/schema.ts';
import type { FieldOf, HistoryAccess, KnownSet, Range } from '../../../src/history/access.ts';

const HOUR = 3_600_000;
const NOW = 1_800_000_000_000;
const DAY = 24 * HOUR;

/** Full from 3 to 4 hours ago, and for one sample two days ago. */
const usedAt = (time: number) => (isWithin(time, 4 * HOUR, 3 * HOUR) || isWithin(time, 2 * DAY, 2 * DAY - 1) ? 97 : 50);
const isWithin = (time: number, from: number, to: number) => time >= NOW - from && time < NOW - to;

function historyOf(paths: readonly string[], oldestAt: number | undefined = NOW - 50 * HOUR) {
  const asked: Range[] = [];
  const sets = paths.map((path): KnownSet => {
    const set = { host: '', name: 'disk', tags: { path } };
    return { set, fields: [{ name: 'used_percent', type: 'float' }], lastAt: NOW };
  });
  const history: Pick<HistoryAccess, 'sets' | 'status' | 'query'> = {
    sets: () => Promise.resolve(sets),
    status: () => Promise.resolve({ bytes: 0, headBytes: 0, sets: 0, refused: 0, oldestAt }),
    query: (fields: readonly FieldOf[], _functions, range) => {
      asked.push(range);
      const { from, to, step } = range;
      const size = (to - from) / step;
      const column = ({ set }: FieldOf) =>
        Float64Array.from({ length: size }, (_, index) =>
          set.tags['path'] === '/' ? 10 : usedAt(from + index * step),
        );
      return Promise.resolve({ from, step, values: fields.map((field) => [column(field)]) });
    },
  };
  return { history: history as HistoryAccess, asked };
}

const known: KnownFields = { catalogs: [], others: 'fields', providers: new Map(), nearest: () => undefined };

async function ruleOf(config: Partial<RuleConfig>) {
  return buildRule(
    {
      id: 'full',
      metric: 'disk.used_percent',
      above: { warning: { at: 90 }, critical: { at: 99 } },
      ...config,
    },
    known,
  );
}

async function past(config: Partial<RuleConfig>, paths = ['/', '/var'], oldestAt?: number) {
  const { history, asked } = historyOf(paths, oldestAt);
  const rule = await ruleOf(config);
  const answer = await pastOf(
    { rule, history, host: 'web1', interval: 10_000, now: NOW },
    new AbortController().signal,
  );
  return { ...answer, asked };
}

test('says when it would have fired, at the resolution of the samples', async () => {
  const { past: found } = await past({ for: 120_000 });
  expect(found).toMatchObject({ from: NOW - 50 * HOUR, to: NOW, step: 10_000, series: 2, leftOut: 0, fired: 1 });
  const [span] = found?.spans ?? [];
  expect(span).toMatchObject({ level: 'warning', series: '/var', value: 97 });
  expect(Math.abs((span?.at ?? 0) - (NOW - 4 * HOUR + 120_000))).toBeLessThan(20_000);
  expect(Math.abs((span?.until ?? 0) - (NOW - 3 * HOUR))).toBeLessThan(20_000);
});

test('without a wait a single sample fires', async () => {
  expect((await past({})).past?.fired).toBe(2);
});

test('begins with the history; more series are evaluated at longer steps', async () => {
  const young = await past({}, ['/var'], NOW - 5 * HOUR);
  expect(young.past).toMatchObject({ from: NOW - 5 * HOUR, fired: 1 });
  expect(stepFor(7 * DAY, 1, 10_000)).toBe(10_000);
  expect(stepFor(7 * DAY, 200, 10_000)).toBe(1_200_000);
});

test('a rule that watches nothing has no past', async () => {
  expect(await past({ where: { path: '/srv' } })).toMatchObject({
    noPast: expect.stringContaining('no series') as unknown,
  });
});

test('ends when nobody waits for it', async () => {
  const { history } = historyOf(['/var']);
  const rule = await ruleOf({});
  const signal = AbortSignal.abort(new Error('gone'));
  await expect(pastOf({ rule, history, host: 'web1', interval: 10_000, now: NOW }, signal)).rejects.toThrow('gone');
});

test('rules in force name the series that they compare', async () => {
  const sets = await historyOf(['/', '/var']).history.sets();
  const rule = await ruleOf({ where: { path: '/var' }, for: 300_000 });
  expect(ruleInfos([rule], sets)).toEqual([
    {
      id: 'full',
      direction: 'above',
      unit: '',
      limits: { warning: { at: 90, clear: 85.5 }, critical: { at: 99, clear: expect.any(Number) } },
      for: 300_000,
      compared: { field: 'disk.used_percent', isRate: false, series: ['disk.used_percent{path=/var}'] },
    },
  ]);
  const idle = await ruleOf({ calc: '100 - value' });
  expect(ruleInfos([idle], sets)[0]?.compared).toMatchObject({ from: 100 });
  const share = await ruleOf({ calc: 'value / 3' });
  expect(ruleInfos([share], sets)[0]?.compared).toBeUndefined();
});
