import { createHmac } from 'node:crypto';

import { expect, test } from '@jest/globals';

import { fingerprint, keyType, knownHost } from '../../../src/outputs/sftp/host-key.ts';

/** The published host key of github.com and its published fingerprint. */
const KEY = 'AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl';
const PRINT = 'SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU';

const trusted = (line: string, host = 'a.example.org', port = 22) => knownHost(`\n${line}\n`, host, port).trusted;

test('fingerprints have the format of OpenSSH, and keys contain their type', () => {
  expect(fingerprint(Buffer.from(KEY, 'base64'))).toBe(PRINT);
  expect(keyType(Buffer.from(KEY, 'base64'))).toBe('ssh-ed25519');
  expect(keyType(Buffer.from('x'))).toBe('unknown');
});

test.each([
  ['a name', 'a.example.org', true],
  ['one of several, in any case', 'b,A.Example.Org', true],
  ['another', 'example.org', false],
  ['another that a regular expression would match', 'a-example.org', false],
  ['wildcards', '*.example.or?', true],
  ['an exception', '*.example.org,!a.*', false],
  ['with another port', '[a.example.org]:2222', false],
  ['a comment', '#a.example.org', false],
])('%s', (_title, hosts, isKnown) => {
  expect(trusted(`${hosts} ssh-ed25519 ${KEY} comment`)).toEqual(isKnown ? [PRINT] : []);
});

test('a port other than 22 is part of the name, which may be hashed', () => {
  expect(trusted(`[a.example.org]:2222 ssh-ed25519 ${KEY}`, 'a.example.org', 2222)).toEqual([PRINT]);
  const salt = Buffer.from('01234567890123456789');
  const hash = createHmac('sha1', salt).update('[a.example.org]:2222').digest('base64');
  const line = `|1|${salt.toString('base64')}|${hash} ssh-ed25519 ${KEY}`;
  expect(trusted(line, 'a.example.org', 2222)).toEqual([PRINT]);
  expect(trusted(line)).toEqual([]);
});

test('revoked keys are listed separately, authorities are ignored, and RSA keys have three algorithms', () => {
  const text = `@revoked * ssh-ed25519 ${KEY}\n@cert-authority * ssh-ed25519 ${KEY}\na ssh-rsa AAAA\na ssh-rsa BBBB\n`;
  expect(knownHost(text, 'a', 22)).toMatchObject({
    revoked: [PRINT],
    trusted: [expect.any(String), expect.any(String)],
    algorithms: ['rsa-sha2-512', 'rsa-sha2-256', 'ssh-rsa'],
  });
});

test('many wildcards are matched in linear time', () => {
  const started = performance.now();
  expect(trusted(`${'*a'.repeat(12)}b ssh-ed25519 ${KEY}`, 'a'.repeat(100))).toEqual([]);
  expect(trusted(`${'*'.repeat(10_000)} ssh-ed25519 ${KEY}`)).toEqual([]);
  expect(trusted(`{a,b}.example.org,[a].example.org ssh-ed25519 ${KEY}`)).toEqual([]);
  expect(performance.now() - started).toBeLessThan(2000);
});
