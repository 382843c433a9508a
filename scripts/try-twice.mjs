/**
 * In CI a failed test is tried a second time, since a machine that stalls for seconds makes a browser or a server late. The
 * reporter `slowest-suites` names each test that needed it. Tests that draw their input are tried once: a second draw would hide
 * what the first one found.
 */
import { readFileSync } from 'node:fs';

import { expect, jest } from '@jest/globals';

const DRAWS = /fast-check|\bSEED\b|Math\.random/;

const { testPath } = expect.getState();
if (testPath !== undefined && !DRAWS.test(readFileSync(testPath, 'utf8'))) {
  jest.retryTimes(1, { logErrorsBeforeRetry: true });
}
