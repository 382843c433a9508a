import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { expect, test } from '@jest/globals';

const KIT = join(import.meta.dirname, '../../dist/testing.js');

/** Runs programs while no descriptor is free, and once more when some are. Node raises the soft limit, so both are set. */
const SCRIPT = `
  import { closeSync, openSync } from 'node:fs';
  import { testContext } from ${JSON.stringify(KIT)};
  const { run } = testContext();
  const attempt = async () => {
    const options = { maxOutput: 100, environment: {}, input: 'text' };
    const { stdout } = await run(['/bin/cat'], options, new AbortController().signal);
    return stdout.toString();
  };
  const taken = [];
  try {
    for (;;) taken.push(openSync('/dev/null'));
  } catch {
    // the limit is reached
  }
  const refused = await Promise.all([attempt(), attempt()].map((each) => each.catch(({ message }) => message)));
  for (const descriptor of taken) closeSync(descriptor);
  console.log(JSON.stringify([...refused, await attempt()]));
`;

test('F-020, F-021: without a free descriptor a program is refused, and the process goes on', async () => {
  const limited = ['-c', 'ulimit -n 64; exec "$0" --input-type=module -e "$1"', process.execPath, SCRIPT];
  const { stdout } = await promisify(execFile)('bash', limited);
  const refusal = 'Cannot run /bin/cat: too many open files; raise LimitNOFILE= of the unit, or "ulimit -n"';
  expect(JSON.parse(stdout)).toEqual([refusal, refusal, 'text']);
});
