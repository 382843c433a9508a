import { describe, expect, test } from '@jest/globals';

import { syslogMessage, type MessageSettings } from '../../../src/outputs/syslog/message.ts';
import { syslog } from '../../../src/outputs/syslog/index.ts';
import { PartialWriteError, RetryableError, type Metric } from '../../../src/plugin/index.ts';
import { DIFFICULT_LINES, outputContract } from '../../contract/output-contract.ts';
import { testBatch } from '../../support/kit/batch.ts';
import { waitFor } from '../../support/servers/real-server.ts';
import { startStreamServer, type StreamServerSettings } from '../../support/fakes/stream-server.ts';
import { issues, withOutput } from '../../support/kit/open-output.ts';

async function withServer(
  settings: StreamServerSettings,
  body: (server: Awaited<ReturnType<typeof startStreamServer>>) => Promise<void>,
): Promise<void> {
  const server = await startStreamServer(settings);
  try {
    await body(server);
  } finally {
    await server.stop();
  }
}

describe('the contract', () => {
  outputContract(
    () => Promise.resolve(syslog),
    async () => {
      const server = await startStreamServer();
      return {
        options: { address: `tcp://127.0.0.1:${server.port}` },
        received: () => undefined,
        close: () => server.stop(),
      };
    },
  );
});

describe('a message', () => {
  const SETTINGS: MessageSettings = {
    facility: 3,
    severity: 5,
    appName: 'healthd',
    hostname: 'agent-host',
    structuredDataId: 'healthd@32473',
    hasMark: true,
    maxBytes: 480,
  };
  const METRIC: Metric = { name: 'm', tags: {}, fields: { n: 1n }, time: 1_700_000_000_000_001_999n };
  const START = '<29>1 2023-11-14T22:13:20.000001Z agent-host healthd - m ';
  const messageOf = (metric: Partial<Metric>) => syslogMessage({ ...METRIC, ...metric }, SETTINGS);

  test('of a metric has no text, and a time in microseconds', () => {
    expect(messageOf({})).toBe(`${START}[healthd@32473 n="1"]`);
  });

  test('of a log record without tags and fields has no structured data', () => {
    expect(messageOf({ fields: { message: 'hello', severity_code: 0n } })).toBe(
      `${START.replace('29', '24')}- \u{feff}hello`,
    );
    expect(messageOf({ fields: { message: '' } })).toBe(`${START}-`);
  });

  test('S-022: has no byte order mark if that is switched off', () => {
    const text = syslogMessage({ ...METRIC, fields: { message: 'hello' } }, { ...SETTINGS, hasMark: false });
    expect(text).toBe(`${START}- hello`);
  });

  test.each([[8n], [-1n], [1.5], ['3'], [true]])(
    'the invalid severity code %p is an ordinary field',
    (severity_code) => {
      const text = messageOf({ fields: { message: 'hello', severity_code } });
      expect(text).toBe(`${START}[healthd@32473 severity_code="${severity_code}"] \u{feff}hello`);
    },
  );

  test('names are valid ASCII with at most 32 characters', () => {
    const tags = { 'a=b"c]d e\u0000ü🌧': '1', ['k'.repeat(40)]: '2' };
    expect(messageOf({ tags, name: 'x'.repeat(40) })).toBe(
      `${START.replace('m ', `${'x'.repeat(32)} `)}[healthd@32473 a_b_c_d_e___="1" ${'k'.repeat(32)}="2" n="1"]`,
    );
    expect(messageOf({ tags: { host: 'mün chen\n' } })).toContain(' m_n_chen_ healthd ');
  });

  test('has escape sequences in place of control and bidirectional characters', () => {
    const unsafe = 'a\nb\r\tc\u001b[31m\u0000\u007f\u0085\u2028\u202e';
    const escaped = 'a\\nb\\r\\tc\\u001b[31m\\u0000\\u007f\\u0085\\u2028\\u202e';
    expect(messageOf({ fields: { message: unsafe } })).toBe(`${START}- \u{feff}${escaped}`);
    const quoted = escaped.replaceAll('\\', '\\\\');
    expect(messageOf({ fields: { unsafe } })).toBe(`${START}[healthd@32473 unsafe="${quoted}"]`);
  });

  test('escapes quotes, brackets and backslashes in values', () => {
    expect(messageOf({ fields: { v: '"]\\[=' } })).toContain('v="\\"\\]\\\\[="');
  });

  test.each([['x'], ['ü'], ['🌧'], ['"']])(
    'that is too long is truncated between characters, with an ellipsis: %s',
    (character) => {
      const text = messageOf({ fields: { message: character.repeat(10_000), n: 1n } }) ?? '';
      expect(Buffer.byteLength(text)).toBeLessThanOrEqual(480);
      expect(Buffer.byteLength(text)).toBeGreaterThan(475);
      expect(text).toMatch(new RegExp(`^[^\u{feff}]* n="1"\\] \u{feff}(?:${character})+…$`, 'u'));
    },
  );

  test('long values are truncated before the text of a log record, and numbers never', () => {
    const details = '\n"'.repeat(5000);
    const text = messageOf({ fields: { message: 'hello', details, n: 123_456_789_012_345n } }) ?? '';
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(480);
    expect(text).toMatch(/^[^\u{feff}]* details="(?:\\\\n\\")+(?:\\\\n|\\\\)?…" n="123456789012345"\] \u{feff}hello$/u);
  });

  test('that cannot be truncated enough is undefined', () => {
    const fields = Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`field${index}`, index]));
    expect(messageOf({ fields })).toBeUndefined();
  });
});

test('octet counting counts bytes; non-transparent framing ends each message with a newline', () =>
  withServer({}, async (server) => {
    const batch = testBatch(['m,host=a message="ü" 0', 'm,host=a message="x" 0']);
    const messages = ['ü', 'x'].map((text) => `<29>1 1970-01-01T00:00:00.000000Z a healthd - m - \u{feff}${text}`);
    const address = `tcp://127.0.0.1:${server.port}`;
    await withOutput(syslog, { address }, async ({ write }) => {
      expect(await write(batch)).toBeUndefined();
    });
    await withOutput(syslog, { address, framing: 'non-transparent' }, async ({ write }) => {
      expect(await write(batch)).toBeUndefined();
    });
    expect(server.streams.map(String)).toEqual([
      messages.map((message) => `${Buffer.byteLength(message)} ${message}`).join(''),
      messages.map((message) => `${message}\n`).join(''),
    ]);
  }));

test('a line whose message is too long is rejected, and the others are sent', () =>
  withServer({}, async (server) => {
    const wide = `wide ${Array.from({ length: 60 }, (_, index) => `field${index}=${index}`).join(',')} 0`;
    const options = { address: `tcp://127.0.0.1:${server.port}`, max_message: 480 };
    await withOutput(syslog, options, async ({ write }) => {
      const error = await write(testBatch(['m a=1 0', wide, 'm a=2 0', wide]));
      expect(error).toBeInstanceOf(PartialWriteError);
      expect((error as PartialWriteError).refused).toEqual([1, 3]);
      expect(String(error)).toContain('2 of 4 lines result in messages longer than 480 bytes; raise max_message');
      expect(server.streams.map(String)[0]).toMatch(/a="1".*a="2"/);
      expect(await write(testBatch([wide]))).toBeInstanceOf(PartialWriteError);
      expect(server.streams).toHaveLength(1);
    });
  }));

test('a server that does not close the connection confirms nothing; the deadline ends the wait', () =>
  withServer({ isStuck: true }, async (server) => {
    await withOutput(syslog, { address: `tcp://127.0.0.1:${server.port}` }, async ({ write }) => {
      const stop = new AbortController();
      const writing = write(testBatch(DIFFICULT_LINES), stop.signal);
      await waitFor(() => server.clients() === 1);
      stop.abort(new Error('deadline exceeded'));
      const error = await writing;
      expect(error).toBeInstanceOf(RetryableError);
      expect(String(error)).toContain(`127.0.0.1:${server.port}: deadline exceeded`);
    });
  }));

test('contradictory options are reported by name', () => {
  const address = 'udp://127.0.0.1';
  expect(issues(syslog, { address, tls: { ca: 'x.pem' } })).toEqual([
    'tls: has no effect with udp://, which is not encrypted; change address or remove it',
  ]);
  expect(issues(syslog, { address, max_message: '64KiB' })).toEqual([
    'max_message: must be at most 65507 bytes with udp://',
  ]);
  expect(issues(syslog, { address, max_message: 100 })[0]).toMatch(/^max_message: must be at least 480 bytes/);
  for (const structured_data_id of ['healthd', 'a b@1', 'a]@1', 'a=@1', 'ü@1', 'a@b@1', 'a@1.'])
    expect(issues(syslog, { address, structured_data_id })[0]).toMatch(/^structured_data_id: must be a name, @ and/);
  expect(issues(syslog, { address, app_name: 'two words' })[0]).toMatch(/^app_name: /);
  expect(issues(syslog, { address, facility: 'local8' })[0]).toMatch(/^facility: /);
});

test('an unreadable certificate is reported when the output is created', async () => {
  const options = { address: 'tls://127.0.0.1', tls: { ca: '/does/not/exist.pem' } };
  await expect(withOutput(syslog, options, () => Promise.resolve())).rejects.toThrow('check tls.ca');
});
