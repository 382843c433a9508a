import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { systemClock } from '../../src/core/clock.ts';
import type { Notification } from '../../src/plugin/notification.ts';
import { exec } from '../../src/notifiers/exec/index.ts';
import { makeNotifier, outcome } from '../contract/notifier-contract.ts';
import { firing, hostile } from '../support/kit/sample-alerts.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'healthd-exec-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

const shell = (script: string, environment = {}) => makeNotifier(exec, { command: ['sh', '-c', script], environment });

describe('the program', () => {
  it('gets the notification on standard input, and the main facts in its environment', async () => {
    const file = join(folder, 'notification');
    const notifier = await shell(
      'cat > "$FILE"; echo "$HEALTHD_ID $HEALTHD_LEVEL $HEALTHD_STATUS $HEALTHD_RECEIVER" >> "$FILE"',
      {
        FILE: file,
      },
    );
    expect(await outcome(notifier)).toEqual({ name: 'ok', message: '' });
    const [json = '', variables] = readFileSync(file, 'utf8').split('\n');
    expect(JSON.parse(json) as Notification).toEqual(JSON.parse(JSON.stringify(firing())));
    expect(variables).toBe('test-0123456789abcdef-1 warning firing ops');
  });

  it('AL-111: gets tags unchanged, on one line', async () => {
    const file = join(folder, 'notification');
    await outcome(await shell('cat > "$FILE"', { FILE: file }), hostile());
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? '')).toEqual(JSON.parse(JSON.stringify(hostile())));
  });

  it('may leave its input unread', async () => {
    expect((await outcome(await shell('exec <&-; true'))).name).toBe('ok');
  });

  it.each([
    ['exit 1', 'RetryableError', 'sh exited with code 1'],
    ['echo "no   disk" >&2; exit 75', 'RetryableError', 'sh exited with code 75: no   disk'],
    ['exit 65', 'PermanentError', 'sh exited with code 65'],
    ['exit 78', 'TargetError', 'sh exited with code 78'],
    ['kill -SEGV $$', 'RetryableError', 'sh was ended by SIGSEGV'],
  ])('AL-104: "%s" is a %s', async (script, name, message) => {
    expect(await outcome(await shell(script))).toMatchObject({ name, message });
  });

  it('AL-104: that is missing is a TargetError', async () => {
    const notifier = await makeNotifier(exec, { command: [join(folder, 'nowhere')] });
    expect(await outcome(notifier)).toMatchObject({
      name: 'TargetError',
      message: expect.stringMatching(/Cannot run .*nowhere/),
    });
  });

  it('AL-107: is stopped at the deadline', async () => {
    const notifier = await makeNotifier(exec, { command: ['sleep', '60'] }, systemClock);
    const { name, message } = await outcome(notifier, firing(), AbortSignal.timeout(50));
    expect(name).toBe('Error');
    expect(message).toContain('had not ended in time');
  });
});

it('rejects a command that is not a list', () => {
  expect(exec.config.safeParse({ command: 'rm -rf' }).error?.issues[0]?.message).toContain(
    'must be a list of program and arguments',
  );
  expect(exec.config.safeParse({ command: [] }).error?.issues[0]?.message).toBe(
    'has no program; the list must begin with one',
  );
});
