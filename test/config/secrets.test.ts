import { join } from 'node:path';

import { describe, expect, test } from '@jest/globals';

import { checkConfig, loadConfig } from '../../src/config/load.ts';
import { optionSchema, variants, type OptionSchema } from '../../src/config/option-schema.ts';
import { createSecrets } from '../../src/config/secrets.ts';
import { showConfig } from '../../src/config/show.ts';
import { headers, z } from '../../src/plugin/index.ts';
import { builtInPlugins } from '../../src/registry/registry.ts';

import { tempFolder } from './temp-folder.ts';

test('the schema is inspected only for a text that contains a value of some option', () => {
  let inspected = 0;
  const use = {
    path: ['outputs', 0, 'db'],
    options: { token: 'hunter2', name: 'plain', url: 'http://u:opensesame@h' },
    get schema() {
      inspected += 1;
      return z.strictObject({ token: z.string().meta({ secret: true }), name: z.string(), url: z.string() });
    },
  };
  const secrets = createSecrets([], [use]);
  expect(secrets.redact('Started')).toBe('Started');
  expect(secrets.redact('at ftp://a:b@c')).toBe('at ftp://a:<secret>@c');
  expect(inspected).toBe(0);
  expect(secrets.redact('plain hunter2 opensesame')).toBe('plain <secret> <secret>');
  expect(secrets.mask('hunter2')).toBe('*******');
  expect(inspected).toBeGreaterThan(0);
});

const secretsOf = (...parts: readonly string[]) => createSecrets([{ path: ['x'], parts }], []);

describe('H-011: no secret is too large or too odd to be hidden', () => {
  const large = Array.from({ length: 35_000 }, (_, index) =>
    String.fromCharCode(33 + ((index * 7 + (index >> 3)) % 94)),
  ).join('');

  test('35 KB of it, whole and cut off', () => {
    const { redact, mask } = secretsOf(large);
    expect(redact(`before ${large} after`)).toBe('before <secret> after');
    expect(redact(`before ${large.slice(0, 200)}…`)).toBe('before <secret>…');
    expect(mask(`a ${large}`)).toBe(`a ${'*'.repeat(large.length)}`);
  });

  test('a mebibyte, patterns and thousands of values', () => {
    expect(secretsOf('(['.repeat(1 << 19)).redact(`${'(['.repeat(1 << 19)} z`)).toBe('<secret> z');
    expect(secretsOf('(a+)+$', '[').redact('(a+)+$ aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!')).toMatch(
      /^<secret> a+!$/,
    );
    const many = Array.from({ length: 20_000 }, (_, index) => `value-${index}-`);
    expect(secretsOf(...many).redact('value-19999- value-x')).toBe('<secret> value-x');
  });

  test('each line of a key of several lines', () => {
    const { redact } = secretsOf('-----BEGIN KEY-----\nMIIEvQIBADANBg\nkqhkiG9w0BAQEF\n');
    expect(redact('Cannot parse "kqhkiG9w0BAQEF" after MIIEvQIBADANBg')).toBe('Cannot parse "<secret>" after <secret>');
  });

  test('a loaded configuration does not print it', async () => {
    const folder = tempFolder({
      large,
      'healthd.yaml': "outputs: [{ influxdb: { urls: 5, password: '${file:large}', username: u, bucket: b } }]\n",
    });
    const failed = await loadConfig({
      path: join(folder, 'healthd.yaml'),
      cwd: folder,
      environment: {},
      registry: builtInPlugins,
    }).then(
      () => 'loaded',
      (error: unknown) => String(error),
    );
    expect(failed).toMatch(/urls/);
    expect(failed).not.toContain(large.slice(0, 8));
    expect(failed.length).toBeLessThan(2000);
  });
});

describe('H-014: credentials that a target echoes', () => {
  test.each([
    ['Basic dXNlcjpwYXNz', 'Basic <secret>'],
    ['bearer abc.DEF-123456', 'bearer <secret>'],
    ['User name for basic authentication', 'User name for basic authentication'],
  ])('%s', (text, shown) => {
    expect(secretsOf('opensesame42').redact(text)).toBe(shown);
  });

  test('in base64, whatever is before the password', () => {
    const { redact } = secretsOf('opensesame42');
    for (const user of ['', 'a', 'ab', 'abc', 'abcd']) {
      const shown = redact(`got ${Buffer.from(`${user}:opensesame42!`).toString('base64')}`);
      expect(shown).toContain('<secret>');
      const left = Buffer.from(shown.replace('got ', '').split('<secret>')[0] ?? '', 'base64').toString();
      expect(left).not.toContain('op');
    }
  });

  test('of the header Authorization, also of other programs', () => {
    const { redact } = secretsOf();
    expect(redact('Authorization: Basic dXNlcjpwdw== refused')).toBe('Authorization: Basic <secret> refused');
    expect(redact('bearer eyJhbGciOiJIUzI1NiJ9.e30.x-_y refused')).toBe('bearer <secret> refused');
    expect(redact('Basic is on')).toBe('Basic is on');
  });

  test('the token of a literal header', () => {
    const schema = z.strictObject({ headers: headers() });
    const { redact } = createSecrets([], [{ path: [], options: { headers: { a: 'Token abcdefgh' } }, schema }]);
    expect(redact('no such token: abcdefgh')).toBe('no such token: <secret>');
  });

  test('queries of URLs', () => {
    const { redact } = createSecrets(
      [],
      [
        {
          path: [],
          options: { url: 'http://h/x?api_key=k1k2k3k4&db=metrics' },
          schema: z.strictObject({ url: z.string() }),
        },
      ],
    );
    expect(redact('GET http://h/x?api_key=k1k2k3k4&db=metrics failed')).toBe(
      'GET http://h/x?api_key=<secret>&db=<secret> failed',
    );
    expect(redact('key k1k2k3k4 is wrong for metrics')).toBe('key <secret> is wrong for metrics');
  });

  test('takes time linear in what the server answers', () => {
    const { redact } = secretsOf('opensesame42');
    const start = performance.now();
    for (const part of ['://', '://a:', '://a?', 'a', '://a@', 'Basic '])
      redact(`://${part.repeat(200_000 / part.length)}`);
    expect(performance.now() - start).toBeLessThan(3000);
  });
});

describe('H-013: config show', () => {
  test('prints no literal secret of headers, arguments, environment and queries', async () => {
    const value = {
      inputs: [
        { exec: { commands: [['/bin/check', '-p', 'S3CRET-a']], environment: ['TOKEN=S3CRET-b'] } },
        { prometheus: { urls: ['http://h/metrics?token=S3CRET-c'], headers: { 'x-key': 'S3CRET-d' } } },
      ],
      outputs: ['discard'],
      notifiers: {
        hook: {
          webhook: { url: 'http://h/x?S3CRET-e-and-more', headers: { 'x-a': 'S3CRET-f' }, template: { t: 'S3CRET-g' } },
        },
        run: { exec: { command: ['/bin/on', 'S3CRET-h'], environment: { A: 'S3CRET-i' } } },
        cry: { alertmanager: { url: 'http://u:S3CRET-j@h' } },
      },
    };
    const config = await checkConfig(value, { cwd: '/', environment: {}, registry: builtInPlugins });
    const text = showConfig(config);
    expect(text).not.toContain('S3CRET');
    for (const kept of ['/bin/check', '/bin/on', 'http://h/metrics?token=<secret>', 'x-a: <secret>'])
      expect(text).toContain(kept);
  });

  test('every option of every plugin with the name of a credential is secret', async () => {
    const found: string[] = [];
    const walk = (schema: OptionSchema, path: string) => {
      for (const shape of variants(schema)) {
        for (const [key, inner] of Object.entries(shape.properties ?? {})) {
          const isText = variants(inner).some(
            ({ type, additionalProperties }) => type === 'string' || additionalProperties !== undefined,
          );
          const isCredential = /^(.*_)?(token|password|passphrase|secret|bearer|api_key|headers|environment)$/.test(
            key,
          );
          const isHidden = variants(inner).some((each) =>
            [each, each.additionalProperties, each.items].some(
              (it) => typeof it === 'object' && (it.secret === true || it.private === true),
            ),
          );
          if (isText && isCredential && !isHidden) found.push(`${path}.${key}`);
          walk(inner, `${path}.${key}`);
        }
      }
    };
    for (const kind of ['input', 'processor', 'output', 'notifier'] as const) {
      for (const name of builtInPlugins.names(kind))
        walk(optionSchema((await builtInPlugins.find(kind, name)).config), `${kind} ${name}`);
    }
    expect(found).toEqual([]);
  });
});
