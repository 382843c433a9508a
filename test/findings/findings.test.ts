import { expect, test } from '@jest/globals';

import { findingsAnswer, type Finding } from '../../src/api/host.ts';
import type { Check } from '../../src/findings/check.ts';
import { Findings, inOrder } from '../../src/findings/findings.ts';
import { manualClock } from '../../src/testing.ts';
import { recordingLog } from '../support/kit/recording-log.ts';
import { settle } from '../support/kit/settle.ts';

function finding(id: string, parts: Partial<Finding> = {}): Finding {
  return { id, level: 'warning', sentence: [`${id}.`], evidence: '', since: null, ...parts };
}

function looking(checks: readonly Check[]) {
  const clock = manualClock();
  const log = recordingLog();
  return { clock, log, findings: new Findings({ checks, clock, log }) };
}

test('checks run when somebody asks, and again only after ten seconds', async () => {
  let runs = 0;
  const check: Check = {
    name: 'a',
    run: () => {
      runs += 1;
      return [];
    },
  };
  const { clock, findings } = looking([check]);
  expect(runs).toBe(0);
  expect(findings.latest()).toBeUndefined();
  await settle();
  expect(findings.latest()).toMatchObject({ findings: [], fine: 1 });
  await Promise.all([findings.answer(), findings.answer()]);
  clock.advance(9999);
  await findings.answer();
  expect(runs).toBe(1);
  clock.advance(1);
  await Promise.all([findings.answer(), findings.answer()]);
  expect(runs).toBe(2);
});

test('a check that fails or hangs costs only itself, is logged once at debug, and has not passed', async () => {
  const checks: readonly Check[] = [
    { name: 'broken things', run: () => Promise.reject(new Error('no such file')) },
    { name: 'slow things', run: () => new Promise(() => undefined) },
    {
      name: 'thrown things',
      run: () => {
        throw new Error('at once');
      },
    },
    { name: 'nothing to see', run: () => undefined },
    { name: 'fine', run: () => [] },
    { name: 'found', run: () => [finding('x')] },
  ];
  const { clock, log, findings } = looking(checks);
  for (let round = 0; round < 2; round += 1) {
    const answer = findings.answer();
    await settle();
    clock.advance(20_000);
    expect(findingsAnswer.parse(await answer)).toMatchObject({ findings: [{ id: 'x' }], fine: 1 });
  }
  expect(log.lines.toSorted()).toEqual([
    'debug: Cannot check broken things: no such file',
    'debug: Cannot check slow things: Timed out after 5s',
    'debug: Cannot check thrown things: at once',
  ]);
});

test('what is not handled comes first, then by level, then the newest', () => {
  const alert = { fingerprint: 'f', rule: 'r' };
  const all = [
    finding('note', { level: 'note', since: 9 }),
    finding('acknowledged', { level: 'critical', since: 9, alert: { ...alert, acknowledgedBy: 'mk' } }),
    finding('silenced', { level: 'critical', alert, since: 8, evidence: '96 % · silenced by mk' }),
    finding('unknown', { level: 'unknown' }),
    finding('old', { since: 1 }),
    finding('new', { since: 2 }),
    finding('timeless'),
    finding('critical', { level: 'critical', alert }),
  ];
  expect(inOrder(all).map(({ id }) => id)).toEqual([
    'critical',
    'new',
    'old',
    'timeless',
    'unknown',
    'note',
    'acknowledged',
    'silenced',
  ]);
});
