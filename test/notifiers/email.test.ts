import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import pngjs from 'pngjs';

import { email } from '../../src/notifiers/email/index.ts';
import type { Notification } from '../../src/plugin/index.ts';
import { makeNotifier, outcome } from '../contract/notifier-contract.ts';
import { firing, hostile, many, resolved } from '../support/kit/sample-alerts.ts';
import { LOGIN, startMailServer, type MailServer } from '../support/fakes/smtp.ts';

let folder: string;
let server: MailServer;

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

async function send(notification: Notification, changes: Readonly<Record<string, unknown>> = {}) {
  const notifier = await makeNotifier(email, options(changes));
  const result = await outcome(notifier, notification);
  await notifier.stop?.();
  return result;
}

describe('a mail', () => {
  it('AL-112: is sent encrypted and authenticated, with text, HTML and a chart, to all recipients', async () => {
    expect(await send(firing())).toMatchObject({ name: 'ok' });
    const [mail] = server.mails;
    expect(server.logins).toEqual(['healthd']);
    expect(mail?.subject).toBe('🟠 WARNING cpu_high server01 92 % (limit 90 %)');
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
  });

  it('AL-112: is in one thread with the resolved mail, and a retry has the same Message-ID', async () => {
    await send(firing());
    await send(firing());
    await send(resolved());
    const [first, again, end] = server.mails;
    expect(again?.messageId).toBe(first?.messageId);
    expect(end?.messageId).not.toBe(first?.messageId);
    expect(end?.inReplyTo).toBe(first?.inReplyTo);
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
    expect(result.message).toContain('correct user and password');
    expect(result.message).not.toContain('wr0ng-horse');
  });

  it('AL-113: that offers no encryption gets no mail', async () => {
    await server.close();
    server = await startMailServer({ disabledCommands: ['STARTTLS'], allowInsecureAuth: true });
    expect(await send(firing())).toMatchObject({ name: 'TargetError' });
    expect(server.mails).toEqual([]);
    expect(server.logins).toEqual([]);
  });

  it('with an unknown certificate is not trusted', async () => {
    const result = await send(firing(), { tls: undefined });
    expect(result.name).not.toBe('ok');
    expect(server.mails).toEqual([]);
  });

  it('AL-113: that rejects one recipient still delivers to the other', async () => {
    await server.close();
    server = await startMailServer({
      onRcptTo({ address }, _session, done) {
        done(address.startsWith('dev') ? Object.assign(new Error('unknown'), { responseCode: 550 }) : null);
      },
    });
    writeFileSync(join(folder, 'ca.pem'), server.certificate);
    expect(await send(firing())).toMatchObject({ name: 'ok' });
    expect(server.mails).toHaveLength(1);
  });

  it.each([
    [451, 'RetryableError'],
    [552, 'PermanentError'],
  ])('that answers %i to the mail: %s', async (responseCode, name) => {
    await server.close();
    server = await startMailServer({
      onData(stream, _session, done) {
        stream.resume().on('end', () => {
          done(Object.assign(new Error('not now'), { responseCode }));
        });
      },
    });
    writeFileSync(join(folder, 'ca.pem'), server.certificate);
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
