import { expect, test } from '@jest/globals';

import { containerName, parseImage, shortId } from '../../../../src/plugins/docker/report/names.ts';

test.each([
  ['busybox', 'busybox', 'unknown'],
  ['busybox:1.36', 'busybox', '1.36'],
  ['registry.example.org:5000/tools/busybox', 'registry.example.org:5000/tools/busybox', 'unknown'],
  ['registry.example.org:5000/tools/busybox:1.36', 'registry.example.org:5000/tools/busybox', '1.36'],
  [`busybox:1.36@sha256:${'ab'.repeat(32)}`, 'busybox', '1.36'],
])('image %s', (reference, image, version) => {
  expect(parseImage(reference)).toEqual({ image, version });
});

test('the name of a container is the first that is not a link', () => {
  expect(containerName(['/web/db', '/db'])).toBe('db');
  expect(containerName(['podman-style'])).toBe('podman-style');
  expect(containerName([])).toBeUndefined();
  expect(containerName(null)).toBeUndefined();
  expect(shortId(`sha256:${'ab'.repeat(32)}`)).toBe('abababababab');
});
