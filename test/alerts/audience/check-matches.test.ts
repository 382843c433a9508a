/** Matchers with typos. */
import { describe, expect, it } from '@jest/globals';

import { matchableOf, unmatchable } from '../../../src/alerts/audience/check-matches.ts';
import type { Match } from '../../../src/alerts/audience/matchers.ts';
import { nearest } from '../../../src/registry/nearest.ts';
import { compile, compileOne } from '../rules/rule-kit.ts';

const { rules } = await compile(
  [{ id: 'queue', metric: 'system.load1', group_by: [], above: { warning: 5 }, labels: { team: 'infra' } }],
  { defaults: 'standard' },
);
const faults = (match: Match, known = matchableOf(rules)) =>
  unmatchable(match, known, nearest).map(({ path, message, hint }) => [path.join('.'), message, hint]);

describe('R-019: a matcher', () => {
  it.each<[Match, string, string, string]>([
    [{ rule: 'cpu_hihg' }, 'rule', 'There is no rule "cpu_hihg"', 'did you mean "cpu_high"?'],
    [{ rule: ['queue', '!dsk_space'] }, 'rule.1', 'There is no rule "dsk_space"', 'did you mean "disk_space"?'],
    [{ rule: 'nonsense' }, 'rule', 'There is no rule "nonsense"', 'list rules with "healthd rules check"'],
    [{ level: 'citical' }, 'level', 'There is no level "citical"', 'did you mean "critical"?'],
    [{ hots: 'web1' }, 'hots', 'No rule gives its alerts the label "hots"', 'did you mean "host"?'],
    [{ taem: 'infra' }, 'taem', 'No rule gives its alerts the label "taem"', 'did you mean "team"?'],
  ])('%j is refused', (match, path, message, hint) => {
    expect(faults(match)).toEqual([[path, message, hint]]);
  });

  it.each<Match>([
    { rule: 'cpu_*', level: '!info' },
    { rule: '~cpu_hihg|x', host: 'anything' },
    { rule: ['*', '!disk_*'], team: '' },
    { rule: 'docker_down', container_name: 'shop' },
    { rule: 'host_down' },
    { customer: 'a label of another host' },
  ])('%j is accepted', (match) => {
    expect(faults(match)).toEqual([]);
  });

  it('may have any label if a rule keeps all tags of its series', async () => {
    const open = await compileOne({ id: 'open', metric: 'system.load1', above: { warning: 5 } });
    expect(faults({ hots: 'web1' }, matchableOf([...rules, open]))).toEqual([]);
  });

  it('knows rules that do not compile, so that one mistake is reported once', () => {
    expect(faults({ rule: 'broken' }, matchableOf(rules, ['broken']))).toEqual([]);
  });
});
