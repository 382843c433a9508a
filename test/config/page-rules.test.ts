import { expect, test } from '@jest/globals';

import { ownIds, withRule } from '../../src/config/page-rules.ts';

const DISK = { id: 'var_full', metric: 'disk.used_percent', direction: 'above', warning: '85%', for: '5m' } as const;

test('the first rule makes the file', () => {
  const { text, lines } = withRule(undefined, DISK);
  expect(text).toBe(
    [
      '# Rules that were written on the page. Files of alerts.d/ are parts of the section alerts.',
      '',
      'rules:',
      '  - id: var_full',
      '    metric: disk.used_percent',
      '    above:',
      '      warning: 85%',
      '    for: 5m',
      '',
    ].join('\n'),
  );
  expect(lines).toEqual([4, 8]);
});

const WRITTEN = `# ours
rules:
  - id: var_full # since the incident
    metric: disk.used_percent
    above: { warning: 85%, critical: 95% }
    labels: { team: db }
  - override: mem_low
    below: { warning: 20 }
`;

test('a rule takes the place of the one with its id; what is not typed, comments and other rules stay', () => {
  const { text, lines } = withRule(WRITTEN, { id: 'var_full', direction: 'above', warning: '90' });
  expect(text).toContain('id: var_full # since the incident');
  expect(text).toContain('above: { warning: 90, critical: 95% }');
  expect(text).toContain('labels: { team: db }');
  expect(text).toContain('override: mem_low');
  expect(lines).toEqual([3, 6]);
});

test('limits of a stock rule become an override, once', () => {
  const once = withRule(WRITTEN, { id: 'cpu_high', direction: 'above', critical: '99%' });
  expect(once.text).toContain('  - override: cpu_high\n    above:\n      critical: 99%\n');
  expect(once.lines[0]).toBe(9);
  const twice = withRule(once.text, { id: 'cpu_high', direction: 'above', critical: '98%', for: '1m' });
  expect(twice.text.match(/cpu_high/g)).toHaveLength(1);
  expect(twice.text).toContain('critical: 98%');
});

test('a wait alone leaves the limits', () => {
  const { text } = withRule(WRITTEN, { id: 'mem_low', direction: 'above', for: '1m' });
  expect(text).toContain('below: { warning: 20 }');
  expect(text).toContain('for: 1m');
  expect(withRule(undefined, { id: 'cpu_high', direction: 'above', for: '1m' }).text).not.toContain('above');
});

test('the other direction replaces limits', () => {
  const { text } = withRule(WRITTEN, { id: 'mem_low', direction: 'above', warning: '80' });
  expect(text).not.toContain('below');
  expect(text).toContain('warning: 80');
});

test('a file that cannot hold rules is refused', () => {
  expect(() => withRule('rules: 3\n', DISK)).toThrow('must be a list');
  expect(() => withRule('- a\n', DISK)).toThrow('must be a mapping');
  expect(() => withRule('rules: [\n', DISK)).toThrow('not valid YAML');
});

test('own rules are those with an id', () => {
  expect(ownIds(WRITTEN)).toEqual(['var_full']);
  expect(ownIds(undefined)).toEqual([]);
});
