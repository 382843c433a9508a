/** Files of the configuration, up to the values and their positions. */
import { equal, notEqual, ok } from 'node:assert/strict';

import { parseText } from '../../../src/config/parse.ts';
import { parseJson } from '../../../src/config/parse-json.ts';
import { parseToml } from '../../../src/config/parse-toml.ts';
import { parseYaml } from '../../../src/config/parse-yaml.ts';
import { formatProblems, InvalidConfig } from '../../../src/config/problem.ts';
import type { Path, Source } from '../../../src/config/source.ts';
import { substitute } from '../../../src/config/substitute.ts';
import { hideUrlSecretsInText, urlSecrets } from '../../../src/config/url-secrets.ts';
import { target, type Target } from '../target.ts';

const YAML =
  'interval: 10s\ninputs:\n  - cpu: &a { percpu: true }\n  - exec:\n      <<: *a\n      command: "x ${env:Y:-z}"\n';
const TOML =
  'interval = "10s"\n[inputs.cpu]\npercpu = true # x\n[[outputs]]\n"in flux".url = \'http://a\'\nlist = [1, { a = """b\nc""" }]\ntime = 2026-01-31T08:00:00Z\n';
const JSON_TEXT =
  '{"interval": "10s", "inputs": [{"cpu": {"percpu": true}}, "mem"], "outputs": [{"influxdb": {"url": "http://a"}}]}';

/** Every path of a value, the nearest 100. */
function pathsOf(root: unknown): readonly Path[] {
  const paths: Path[] = [[]];
  const values: unknown[] = [root];
  for (let at = 0; at < values.length && at < 100; at += 1) {
    const value = values[at];
    if (typeof value !== 'object' || value === null) continue;
    for (const [key, inner] of Object.entries(value)) {
      paths.push([...(paths[at] ?? []), Array.isArray(value) ? Number(key) : key]);
      values.push(inner);
    }
  }
  return paths.slice(0, 100);
}

/** Positions that are in the text. */
function checkPositions(source: Source, input: Buffer): void {
  const lines = input.toString().split('\n').length;
  for (const path of pathsOf(source.value)) {
    const { line = 1, column = 1, length } = source.locate(path);
    ok(line >= 1 && line <= lines && column >= 1 && length >= 1);
  }
}

/** Bounded: the parsers of these formats are packages, and slow for a text that is all syntax. */
const LONGEST = 8192;

/** A fault must be printable too. */
function printed<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (error instanceof InvalidConfig) ok(formatProblems(error.problems).length > 0);
    throw error;
  }
}

export const CONFIGURATION: readonly Target[] = [
  target('configuration: YAML', {
    share: 0.3,
    examples: [YAML],
    longest: LONGEST,
    parse: (input) => printed(() => parseYaml('/x.yaml', input.toString())),
    throws: ['InvalidConfig'],
    holds: checkPositions,
  }),
  target('configuration: TOML', {
    share: 0.5,
    examples: [TOML],
    longest: LONGEST,
    parse: (input) => printed(() => parseToml('/x.toml', input.toString())),
    throws: ['InvalidConfig'],
    holds: checkPositions,
  }),
  target('configuration: JSON', {
    share: 0.3,
    examples: [JSON_TEXT],
    longest: LONGEST,
    parse: (input) => printed(() => parseJson('/x.json', input.toString())),
    throws: ['InvalidConfig'],
    holds: checkPositions,
  }),
  target('configuration: files', {
    share: 0.1,
    examples: [YAML, JSON_TEXT],
    longest: LONGEST,
    parse: (input) => parseText(`/x.${['yaml', 'json', 'toml'][input.length % 3] ?? ''}`, input.toString(), undefined),
    throws: ['InvalidConfig', 'EmptyConfig'],
    holds: (source) => {
      notEqual(source.value ?? undefined, undefined);
    },
  }),
  target('configuration: substitution', {
    share: 0.5,
    examples: ['{"a":"x ${env:HOME} $${y} ${env:NONE:-d}","b":["${file:/nowhere/x}","${bad"]}'],
    longest: LONGEST,
    parse(input) {
      const source = parseJson('/x.json', input.toString());
      return substitute(source, { HOME: '/root' }, () => '/x.json');
    },
    throws: ['InvalidConfig'],
    holds({ problems, secrets }) {
      equal(formatProblems(problems).length > 0, problems.length > 0);
      ok(secrets.every(({ parts }) => parts.length > 0));
    },
  }),
  target('secrets in URLs', {
    examples: [
      'http://u:tellnobody@host/x?token=tellnobody&y=1#z',
      'see smtp://a:b%40c@d:25, or postgres://x:y@[::1]/z',
    ],
    longest: 16_384,
    parse(input) {
      const text = input.toString();
      return { secrets: urlSecrets(text), hidden: hideUrlSecretsInText(text, () => '***') };
    },
    holds({ secrets }) {
      ok(secrets.every((secret) => typeof secret === 'string'));
    },
  }),
];
