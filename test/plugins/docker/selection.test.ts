import { expect, test } from '@jest/globals';

import { options } from '../../../src/plugins/docker/options.ts';
import { selection } from '../../../src/plugins/docker/selection.ts';

const select = (raw: object) => selection(options.parse(raw));

test('selects running containers and no labels by default', () => {
  const { states, label, container } = select({});
  expect(states).toEqual(['running']);
  expect([label('com.docker.compose.project'), container('anything')]).toEqual([false, true]);
});

test('matches names, states and labels by glob; exclude wins', () => {
  const chosen = select({
    container_name_include: ['web*'],
    container_name_exclude: ['*-test'],
    container_state_exclude: ['r*'],
    docker_label_include: ['com.example*'],
    docker_label_exclude: ['*secret*'],
  });
  expect(['web1', 'web1-test', 'db'].map((name) => chosen.container(name))).toEqual([true, false, false]);
  expect(chosen.states).toEqual(['created', 'paused', 'exited', 'dead']);
  const labels = ['com.example/owner', 'com.example.secret', 'maintainer'];
  expect(labels.map((key) => chosen.label(key))).toEqual([true, false, false]);
});

test('rejects an endpoint without a scheme', () => {
  expect(() => options.parse({ endpoint: '/var/run/docker.sock' })).toThrow(/unix:\/\/\/path/);
});
