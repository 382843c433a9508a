/** What people write in a configuration, on a command line or into a request of the API; and labels, which anybody may send. */
import { doesNotMatch, equal, notEqual, ok } from 'node:assert/strict';

import { compileMatch } from '../../../src/alerts/audience/matchers.ts';
import { parseDays, parseDaysOfMonth, parseMonths, parseTimes } from '../../../src/alerts/audience/parse-window.ts';
import { compilePattern } from '../../../src/alerts/audience/patterns.ts';
import { compileExpression, fieldsIn, identifiersIn } from '../../../src/alerts/rules/expression.ts';
import { parseLimit } from '../../../src/alerts/rules/limit.ts';
import { render, templateFault } from '../../../src/alerts/rules/template.ts';
import { parseSeries } from '../../../src/alerts/trial/series.ts';
import { parseLabels } from '../../../src/commands/alerts/labels.ts';
import { parseSpan, parseTime, parseTimeAhead } from '../../../src/commands/time.ts';
import { parseBytes } from '../../../src/core/bytes.ts';
import { formatDuration, parseDuration } from '../../../src/core/duration.ts';
import { describeError } from '../../../src/core/errors.ts';
import { compileGlobs } from '../../../src/core/globs.ts';
import { printable } from '../../../src/core/printable.ts';
import { parseNoProxy } from '../../../src/host/proxy/no-proxy.ts';
import { decoded, proxyFor } from '../../../src/host/proxy/proxy.ts';
import { keyType, knownHost } from '../../../src/outputs/sftp/host-key.ts';
import { oneLine, truncate, truncateBytes } from '../../../src/plugin/message-text.ts';
import { target, type Target } from '../target.ts';

const NOW = 1_700_000_000_000;

/** The pattern, and below it the text that it is tried on. */
function patternAndText(input: Buffer): readonly [pattern: string, text: string] {
  const [pattern = '', ...text] = input.toString().split('\n');
  return [pattern, text.join('\n')];
}

function outcome<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch (error) {
    if ((error as Error).constructor.name !== 'RangeError' || /call stack/.test((error as Error).message)) throw error;
    return undefined;
  }
}

export const WRITTEN: readonly Target[] = [
  target('durations', {
    examples: ['10s', '1m30s', '1.5h', ' 7d ', '0', '2w3d', '15us', '1µs'],
    longest: 20_000,
    parse: (input) => parseDuration(input.toString()),
    throws: ['RangeError'],
    holds(ms) {
      ok(Number.isFinite(ms) && ms >= 0);
      if (ms < 1e14) ok(Math.abs(parseDuration(formatDuration(ms)) - ms) < 0.001);
    },
  }),
  target('sizes', {
    examples: ['50MiB', '1.5GB', '4096', ' 2 kib '],
    longest: 20_000,
    parse: (input) => parseBytes(input.toString()),
    throws: ['RangeError'],
    holds(bytes) {
      ok(Number.isInteger(bytes) && bytes >= 0);
    },
  }),
  target('globs', {
    share: 2,
    examples: ['web*\nweb-1', '{a,b{c,d}}[!x-z]?\nabc', '*a*a*a*\naaaaaaaaaaaaaaaab', '\\*[]a]\n*]'],
    longest: 4096,
    parse(input) {
      const [pattern, text] = patternAndText(input);
      return compileGlobs([pattern])(text);
    },
    throws: ['RangeError'],
    holds(matches, input) {
      const [pattern, text] = patternAndText(input);
      if (pattern === text) ok(matches);
    },
  }),
  target('patterns of labels', {
    share: 0.5,
    examples: ['~web-[0-9]+(a|b)*\nweb-12ab', '!~^(a+)+$\naaaaaaaaaaaaaaa!', '!db*\nweb', '~(?i)\\pL{2,5}\nÉa'],
    longest: 4096,
    parse(input) {
      const [pattern, text] = patternAndText(input);
      return [compilePattern(pattern)(text), compileMatch({ host: ['a', pattern] })({ host: text })];
    },
    throws: ['RangeError'],
  }),
  target('expressions', {
    share: 0.3,
    examples: [
      'cpu.usage_idle < 10.0 && mem.free > 1e9',
      '(a.b + 3) * 2 > -1 ? a.c : "x" in ["x"]',
      '!(cpu.x == 1) || cpu.y.startsWith("é")',
    ],
    longest: 4096,
    parse(input) {
      const text = input.toString();
      ok(fieldsIn(text.slice(0, 1000)).length + identifiersIn(text.slice(0, 1000)).length <= 1000);
      const variables = { cpu: 'map', mem: 'map', a: 'map' } as const;
      return compileExpression(text, variables, 'bool').evaluate({
        cpu: { usage_idle: 5, x: 1 },
        mem: { free: 2 },
        a: {},
      });
    },
    throws: ['RangeError'],
  }),
  target('templates of alerts', {
    examples: [
      '{{ rule }} on {{host}}: {{ value | round(1) }} > {{threshold|bytes}}',
      '{{ tags.a.b | default("x") | upper }} {{ duration }} %',
    ],
    longest: 10_000,
    parse(input) {
      const text = input.toString();
      const facts = { rule: 'r', host: 'h', level: 'warning', value: 1.5, unit: 'percent', threshold: 2 } as const;
      const all = { ...facts, tags: { 'a.b': 'c' }, labels: {}, duration: 1000, isMissing: false };
      return { fault: templateFault(text), shown: render(text, all) };
    },
    holds({ shown }, input) {
      ok(shown.length <= 60 * (input.length + 20));
    },
  }),
  target('limits', {
    examples: ['90%', '20GiB', '-1.5e3', '10s', '5 kb/s'],
    longest: 10_000,
    parse: (input) =>
      ['percent', 'bytes', 'bytes/s', 's', '', 'celsius'].map((unit) =>
        outcome(() => parseLimit(input.toString(), unit)),
      ),
    holds(limits) {
      ok(limits.every((limit) => limit === undefined || Number.isFinite(limit)));
    },
  }),
  target('series of a trial', {
    share: 0.3,
    examples: ['70 86x4 _ 79x10', '1GiBx3 2GiB', '5%x2 6%'],
    longest: 20_000,
    parse: (input) => parseSeries(input.toString(), undefined),
    throws: ['RangeError'],
    holds(values) {
      ok(values.length <= 100_000);
    },
  }),
  target('time windows', {
    examples: ['mon-fri', '22:00-06:00', '-3..-1', 'jun-aug', '12'],
    longest: 10_000,
    parse(input) {
      const text = input.toString();
      return {
        numbers: [...(outcome(() => parseDays(text)) ?? []), ...(outcome(() => parseMonths(text)) ?? [])],
        times: outcome(() => parseTimes(text)),
        days: outcome(() => parseDaysOfMonth(text)),
      };
    },
    holds({ numbers, times, days }) {
      ok(numbers.every((each) => Number.isInteger(each) && each >= 0 && each <= 12));
      if (times !== undefined) ok(Math.max(times.start, times.end) <= 1440);
      if (days !== undefined) notEqual(days.first * days.last, 0);
    },
  }),
  target('times of commands', {
    examples: ['2h', '2026-01-31T08:00:00.5Z', '1769846400', '1769846400123456789', '2026-01-31 08:00', '22:00'],
    longest: 10_000,
    parse(input) {
      const text = input.toString();
      return [
        parseTime(text, NOW),
        parseSpan({ from: text }, NOW).from ?? 0n,
        BigInt(Math.round(parseTimeAhead(text, NOW))),
      ];
    },
    throws: ['ConfigError'],
  }),
  target('labels of commands', {
    share: 0.5,
    examples: ['host=web1\nrule=disk_*', '__proto__=x'],
    parse: (input) => parseLabels(input.toString().split('\n')),
    throws: ['ConfigError'],
    holds(labels, input) {
      equal(Object.keys(labels).length, input.toString().split('\n').length);
    },
  }),
  target('addresses of proxies and listeners', {
    examples: [
      'localhost,.example.org,10.0.0.0/8,[::1]:80,*',
      'http://u:p%40ss@proxy:3128',
      '[::1]:9273',
      ':9273',
      'a%zz',
    ],
    longest: 10_000,
    parse(input) {
      const text = input.toString();
      equal(typeof parseNoProxy(text)('10.1.2.3', 443), 'boolean');
      equal(typeof decoded(text), 'string');
      return proxyFor(new URL('http://example.com'), text, {});
    },
    throws: ['Error'],
    holds(proxy) {
      equal(proxy?.url.password ?? '', '');
    },
  }),
  target('known_hosts', {
    examples: [
      'example.org,*.b,!c ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA\n@revoked [h]:22 ssh-rsa AAAA\n|1|c2FsdA==|aGFzaA== ssh-rsa AAAA\n# x\n',
    ],
    parse: (input) => ({ ...knownHost(input.toString(), 'web1.example.org', 22), type: keyType(input) }),
    holds({ trusted, revoked }) {
      ok([...trusted, ...revoked].every((print) => print.startsWith('SHA256:')));
    },
  }),
  target('texts that are shown', {
    share: 1.5,
    examples: ['disk \u001b[31mfull\u001b[0m\u202e on\r\n/é', 'a  \n  b', '👩‍👩‍👧 x'],
    parse(input) {
      const text = input.toString();
      return {
        lines: [printable(text), oneLine(text), describeError(new Error(text))],
        short: truncate(text, 20),
        bytes: Buffer.byteLength(truncateBytes(text, 20)),
      };
    },
    holds({ lines, short, bytes }) {
      for (const line of lines) doesNotMatch(line, /[\r\n]/);
      doesNotMatch(lines[0] ?? '', /[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
      ok(short.length <= 20);
      ok(bytes <= 20);
    },
  }),
];
