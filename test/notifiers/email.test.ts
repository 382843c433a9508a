import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import pngjs from 'pngjs';

import { drawChart } from '../../src/notifiers/email/chart.ts';
import { email } from '../../src/notifiers/email/index.ts';
import type { Notification } from '../../src/plugin/index.ts';
import { outcome } from '../contract/notifier-contract.ts';
import { manualClock, testContext } from '../../src/testing.ts';
import { recordingLog, type RecordingLog } from '../support/kit/recording-log.ts';
import { diskAlert, endedDisk, firing, hostile, many, notificationOf, resolved } from '../support/kit/sample-alerts.ts';
import { LOGIN, startMailServer, type MailServer } from '../support/fakes/smtp.ts';

let folder: string;
let server: MailServer;
let log: RecordingLog;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'healthd-mail-'));
  server = await startMailServer();
  writeFileSync(join(folder, 'ca.pem'), server.certificate);
});

afterEach(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

function options(changes: Readonly<Record<string, unknown>> = {}) {
  return {
    smtp: `smtp://localhost:${server.port}`,
    ...LOGIN,
    from: 'healthd@example.org',
    to: ['ops@example.org', 'dev@example.org'],
    starttls: 'required',
    tls: { ca: join(folder, 'ca.pem') },
    ...changes,
  };
}

/** Replaces the mail server. */
async function restart(behaviour: Parameters<typeof startMailServer>[0]): Promise<void> {
  await server.close();
  server = await startMailServer(behaviour);
  writeFileSync(join(folder, 'ca.pem'), server.certificate);
}

/** Refuses addresses by the reply of each. */
function refusing(replies: Readonly<Record<string, string>>) {
  return restart({
    onRcptTo({ address }, _session, done) {
      const reply = replies[address];
      if (reply === undefined) done(null);
      else done(Object.assign(new Error(reply.slice(4)), { responseCode: Number(reply.slice(0, 3)) }));
    },
  });
}

async function send(notification: Notification, changes: Readonly<Record<string, unknown>> = {}) {
  log = recordingLog();
  const context = testContext({ clock: manualClock(), log });
  const notifier = await email.create(email.config.parse(options(changes)), context);
  const result = await outcome(notifier, notification);
  await notifier.stop?.();
  return result;
}

describe('a mail', () => {
  it('AL-112, M-008: is sent encrypted and authenticated, with text, HTML and a chart, to all recipients', async () => {
    expect(await send(firing())).toMatchObject({ name: 'ok' });
    const [mail] = server.mails;
    expect(server.logins).toEqual(['healthd']);
    expect(mail?.subject).toBe('🟠 WARNING: High CPU usage on server01 (this is a test): 92 % (limit 90 %)');
    expect([mail?.to].flat().map((to) => to?.text)).toEqual(['ops@example.org, dev@example.org']);
    expect(mail?.text).toMatch(
      /^Alert: High CPU usage on server01 \(this is a test\)\nServer: server01\nCPU Usage: 92 %\nMemory Usage: 78 %\nDisk Usage: 65 % \(\/\)\n/,
    );
    expect(mail?.text).toContain('postgres');
    expect(mail?.html).toContain('postgres');
    const chart = mail?.attachments[0];
    expect(chart).toMatchObject({ contentType: 'image/png', related: true });
    const picture = pngjs.PNG.sync.read(chart?.content ?? Buffer.alloc(0));
    expect([picture.width, picture.height]).toEqual([1200, 280]);
    expect(new Set(picture.data).size).toBeGreaterThan(20);
    expect(chart?.size).toBeLessThan(8000);
  });

  it('AL-112: is in one thread with the resolved mail, and a retry has the same Message-ID', async () => {
    await send(firing());
    await send(firing());
    await send(resolved());
    const [first, again, end] = server.mails;
    expect(again?.messageId).toBe(first?.messageId);
    expect(end?.messageId).not.toBe(first?.messageId);
    expect(end?.inReplyTo).toBe(first?.inReplyTo);
    expect(end?.references).toEqual(first?.references);
    expect(first?.headers.get('auto-submitted')).toBe('auto-generated');
    expect(first?.headers.get('x-healthd-rule')).toBe('cpu_high');
    expect(end?.headers.get('x-healthd-status')).toBe('resolved');
  });

  it('AL-111: contains no markup or headers from tags', async () => {
    expect(await send(hostile())).toMatchObject({ name: 'ok' });
    const [mail] = server.mails;
    expect(mail?.html).not.toContain('<script>');
    expect(mail?.headers.has('bcc')).toBe(false);
    expect(mail?.subject).not.toMatch(/[\r\n]/);
    const [head] = (server.sources[0] ?? '').split('\r\n\r\n');
    expect(head).not.toMatch(/^Bcc:/m);
  });

  it('AL-110: is small enough for mail readers that truncate', async () => {
    await send(many(10));
    // The parser inlines the image.
    const html = String(server.mails[0]?.html).replace(/data:image[^"]*/, '');
    expect(Buffer.byteLength(html)).toBeLessThan(100_000);
    expect(server.mails[0]?.text).toContain('+90 more');
  });

  it('has a constant subject with subject: stable', async () => {
    await send(firing(), { subject: 'stable' });
    await send(resolved(), { subject: 'stable' });
    expect(server.mails.map(({ subject }) => subject)).toEqual([
      '[healthd] server01 cpu_high',
      '[healthd] server01 cpu_high',
    ]);
  });

  it('has only text with minimal detail', async () => {
    await send(firing({ detail: 'minimal' }));
    expect(server.mails[0]?.html).toBe(false);
    expect(server.mails[0]?.attachments).toEqual([]);
  });
});

describe('the mail server', () => {
  it('AL-113: that rejects the password is a TargetError without secrets', async () => {
    const result = await send(firing(), { password: 'wr0ng-horse' });
    expect(result.name).toBe('TargetError');
    expect(result.message).toMatch(/; correct user and password; .* require an app password/);
    expect(result.message).not.toContain('wr0ng-horse');
  });

  it('AL-113: that offers no encryption gets no mail', async () => {
    await restart({ disabledCommands: ['STARTTLS'], allowInsecureAuth: true });
    expect(await send(firing())).toMatchObject({ name: 'TargetError' });
    expect(server.mails).toEqual([]);
    expect(server.logins).toEqual([]);
  });

  it('N-006: with the certificate of a private authority is not trusted; the message names tls.ca', async () => {
    const result = await send(firing(), { tls: undefined });
    expect(result).toMatchObject({
      name: 'RetryableError',
      message: `localhost:${server.port}: its certificate is self-signed; name it in tls.ca (DEPTH_ZERO_SELF_SIGNED_CERT)`,
    });
    expect(server.mails).toEqual([]);
  });

  it('N-005: that is for STARTTLS does not understand smtps://; the message says to write smtp://', async () => {
    const { message } = await send(firing(), { smtp: `smtps://localhost:${server.port}` });
    expect(message).toBe(
      `localhost:${server.port}: the server does not begin with TLS; if the port is for STARTTLS (usually 587), write smtp://localhost:${server.port}`,
    );
  });

  it('N-004: that begins with TLS sends no greeting to smtp://; the message says to write smtps://, before the deadline', async () => {
    await restart({ secure: true });
    const notifier = await email.create(email.config.parse(options()), testContext());
    const result = await outcome(notifier, firing(), AbortSignal.timeout(10_000));
    await notifier.stop?.();
    expect(result).toMatchObject({
      name: 'RetryableError',
      message: `localhost:${server.port}: Greeting never received; if the port expects TLS from the beginning (usually 465), write smtps://localhost:${server.port}`,
    });
    expect(await send(firing(), { smtp: `smtps://localhost:${server.port}` })).toMatchObject({ name: 'ok' });
  });

  it('that answers with something else, and goes on for ever, is hung up on at once', async () => {
    const foreign = createServer({ allowHalfOpen: true }, (socket) => {
      socket.on('error', () => undefined).write('HTTP/1.1 200 OK\r\n');
      const pouring = setInterval(() => socket.write(Buffer.alloc(65_536, 'x')), 10);
      socket.once('close', () => {
        clearInterval(pouring);
      });
    });
    await new Promise<void>((resolve) => foreign.listen(0, '127.0.0.1', resolve));
    const { port } = foreign.address() as AddressInfo;
    expect(await send(firing(), { smtp: `smtp://127.0.0.1:${port}` })).toMatchObject({
      message: expect.stringContaining('Invalid greeting'),
    });
    // It waits for the connections. By default nodemailer reads on for 5 seconds.
    const start = performance.now();
    await new Promise((resolve) => foreign.close(resolve));
    expect(performance.now() - start).toBeLessThan(4000);
  });

  it('that requires encryption or a login says which option to change', async () => {
    expect(await send(firing(), { starttls: 'off' })).toMatchObject({
      name: 'TargetError',
      message: expect.stringMatching(/; the server requires encryption; remove "starttls"$/),
    });
    expect(await send(firing(), { user: undefined, password: undefined })).toMatchObject({
      name: 'TargetError',
      message: expect.stringMatching(/; set user and password$/),
    });
  });

  it('that cannot check a password now is tried again in 15 minutes', async () => {
    await restart({
      onAuth(_auth, _session, done) {
        done(Object.assign(new Error('try later'), { responseCode: 454 }));
      },
    });
    expect(await send(firing())).toMatchObject({ name: 'RetryableError', retryAfterMs: 900_000 });
  });

  it('AL-113, N-002: that refuses one recipient still gets the mail for the other, and the log names the refused one', async () => {
    await refusing({ 'dev@example.org': '550 no such user' });
    expect(await send(firing())).toMatchObject({ name: 'ok' });
    expect(server.mails).toHaveLength(1);
    expect(server.recipients).toEqual([['ops@example.org']]);
    expect(log.lines).toEqual([
      `warn: localhost:${server.port} accepted a mail for 1 of 2 recipients; the mail was not sent to dev@example.org (550 no such user)`,
    ]);
  });

  it('N-003: that defers one recipient gets the mail for the other, and then for that one alone', async () => {
    await refusing({ 'dev@example.org': '451 greylisted' });
    expect(await send(firing())).toMatchObject({ name: 'PartialNotifyError', missing: ['dev@example.org'] });
    await refusing({});
    expect(await send({ ...firing(), recipients: ['dev@example.org'] })).toMatchObject({ name: 'ok' });
    expect(server.recipients).toEqual([['dev@example.org']]);
  });

  it('that refuses all recipients for good is a TargetError that names each', async () => {
    await refusing({ 'dev@example.org': '550 no such user', 'ops@example.org': '553 not here' });
    expect(await send(firing())).toMatchObject({
      name: 'TargetError',
      message: `localhost:${server.port}: refused all recipients: ops@example.org (553 not here), dev@example.org (550 no such user)`,
    });
    expect(log.lines).toEqual([]);
  });

  it('that refuses one recipient and defers the other is tried again', async () => {
    await refusing({ 'dev@example.org': '550 no such user', 'ops@example.org': '451 greylisted' });
    expect((await send(firing())).name).toBe('RetryableError');
    expect(server.mails).toEqual([]);
  });

  it.each([
    [451, 'RetryableError'],
    [552, 'PermanentError'],
  ])('that answers %i to the mail: %s', async (responseCode, name) => {
    await restart({
      onData(stream, _session, done) {
        stream.resume().on('end', () => {
          done(Object.assign(new Error('not now'), { responseCode }));
        });
      },
    });
    expect((await send(firing())).name).toBe(name);
  });

  it('that is down is retried', async () => {
    await server.close();
    expect((await send(firing())).name).toBe('RetryableError');
    server = await startMailServer();
  });
});

it('AL-113: rejects an invalid address in the configuration', () => {
  expect(() => email.config.parse(options({ to: ['ops'] }))).toThrow(
    'must be an e-mail address such as ops@example.org',
  );
});

describe('the thread of mails', () => {
  const THREAD = { thread: 'a1b2c3d4-e5f6', groupTags: { host: 'web1' } };

  it('M-015: is one for a group, whichever of its alerts a mail is about, with a Message-ID for each mail', async () => {
    const notifications = [
      notificationOf([diskAlert('web1')], { id: 'one', ...THREAD }),
      notificationOf([diskAlert('web2'), endedDisk('web1')], { id: 'two', ...THREAD }),
      notificationOf([endedDisk('web2')], { id: 'three', ...THREAD }),
      notificationOf([diskAlert('web1')], { id: 'four', ...THREAD, thread: 'another' }),
    ];
    for (const notification of notifications) await send(notification, { subject: 'stable' });
    const ids = server.mails.map(({ messageId }) => messageId?.replace(/@.*/, ''));
    expect(ids).toEqual(['<d-one', '<d-two', '<d-three', '<d-four']);
    const roots = server.mails.map(({ inReplyTo }) => inReplyTo?.replace(/@.*/, ''));
    expect(roots).toEqual(['<t-a1b2c3d4-e5f6', '<t-a1b2c3d4-e5f6', '<t-a1b2c3d4-e5f6', '<t-another']);
    expect(server.mails.map(({ references }) => references)).toEqual(server.mails.map(({ inReplyTo }) => inReplyTo));
  });

  it('M-015: has one subject with subject: stable, once it is a group', async () => {
    await send(notificationOf([diskAlert('web1')], { ...THREAD, unchanged: 1 }), { subject: 'stable' });
    await send(notificationOf([diskAlert('web2'), endedDisk('web1')], THREAD), { subject: 'stable' });
    expect(server.mails.map(({ subject }) => subject)).toEqual(['[healthd] web1', '[healthd] web1']);
  });
});

it.each([
  ['a wave', Array.from({ length: 60 }, (_, minute) => 50 + 40 * Math.sin(minute / 4))],
  ['noise', Array.from({ length: 60 }, (_, minute) => (minute * 7919) % 101)],
  ['a line', Array.from({ length: 60 }, () => 100)],
])('M-014: the chart of %s is smaller than 8 KB', (_, values) => {
  expect(drawChart({ since: 0, until: 3_600_000, values }, 'percent', 90).length).toBeLessThan(8000);
});

it('M-020: the chart of a constant value is a line', () => {
  const values = Array.from({ length: 60 }, (_, minute) => 99.8 + (minute % 2) / 5);
  const { data, width, height } = pngjs.PNG.sync.read(
    drawChart({ since: 0, until: 3_600_000, values }, 'percent', undefined),
  );
  const rows = new Set<number>();
  for (let pixel = 0; pixel < width * height; pixel += 1) {
    if (data[pixel * 4] === 29 && data[pixel * 4 + 1] === 111) rows.add(Math.floor(pixel / width));
  }
  expect(rows.size).toBeLessThan(15);
});
