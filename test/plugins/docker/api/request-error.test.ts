import { expect, test } from '@jest/globals';

import { isGone, requestError } from '../../../../src/plugins/docker/api/request-error.ts';

const system = (code: string) => Object.assign(new Error(`connect ${code}`), { code });
const refused = (statusCode: number, message: string) =>
  Object.assign(new Error(message), { statusCode, json: { message } });

test.each([
  ['ENOENT', /Cannot list containers at unix:\/\/\/s: no such socket: is Docker installed and running\?/],
  ['EACCES', /add the user to the group docker .*or run it as root/],
  ['ECONNREFUSED', /is the daemon running/],
  ['EWHATEVER', /^Cannot list containers at unix:\/\/\/s$/],
])('%s is reported with advice', (code, expected) => {
  const error = requestError(system(code), 'list containers', 'unix:///s');
  expect(error.message).toMatch(expected);
  expect(error.cause).toMatchObject({ code });
});

test('advice for a timeout, an old daemon and a proxy that denies access', () => {
  expect(requestError(new Error('aborted'), 'x', 'e', 5000).message).toMatch(
    /no answer within 5000 ms.*request_timeout/,
  );
  expect(requestError(refused(404, 'page not found'), 'x', 'e').message).toMatch(
    /HTTP 404, unknown request: the daemon is too old/,
  );
  expect(requestError(refused(403, 'no'), 'x', 'e').message).toMatch(/HTTP 403, no: access denied/);
  expect(requestError(refused(500, 'boom'), 'x', 'e').message).toBe('Cannot x at e: HTTP 500, boom');
});

test('isGone recognises a removed container from the wrapped error', () => {
  expect(isGone(requestError(refused(404, 'No such container: abc'), 'x', 'e'))).toBe(true);
  expect(isGone(requestError(refused(500, 'boom'), 'x', 'e'))).toBe(false);
  expect(isGone(requestError(system('ENOENT'), 'x', 'e'))).toBe(false);
});
