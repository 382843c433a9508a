import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from '@jest/globals';
import { parse } from 'yaml';

import { options } from '../../../src/plugins/docker/options.ts';

const read = (path: string): unknown =>
  parse(readFileSync(join(import.meta.dirname, '../../../examples', path), 'utf8'), { strict: true });

test.each(['docker-host', 'container'])('the entry in examples/%s is valid', (folder) => {
  const { inputs } = read(`${folder}/healthd.yaml`) as { inputs: (string | Record<string, Record<string, unknown>>)[] };
  const entry = inputs.find((input) => typeof input === 'object' && 'docker' in input) as {
    docker: Record<string, unknown>;
  };
  const { interval, ...own } = entry.docker;
  expect(interval).toBe('15s');
  expect(options.parse(own)).toMatchObject({ endpoint: 'unix:///var/run/docker.sock' });
});

test('the HOST_ variables of the compose file point below its mount', () => {
  const { services } = read('container/compose.yaml') as {
    services: { healthd: { environment: Record<string, string>; volumes: (string | { target: string })[] } };
  };
  const { environment, volumes } = services.healthd;
  const roots = Object.entries(environment).filter(([name]) => name.startsWith('HOST_'));
  const mount = volumes.find((volume) => typeof volume === 'object');
  expect(roots.length).toBeGreaterThanOrEqual(5);
  for (const [, path] of roots) expect(`${path}/`.startsWith(`${mount?.target}/`)).toBe(true);
});
