import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';

import { expect, it } from '@jest/globals';

import { notifyTest } from '../../src/commands/alerts/notify-test.ts';
import { EXIT, type Terminal } from '../../src/commands/command.ts';
import { LOGIN, startMailServer } from '../support/fakes/smtp.ts';

it('N-002: healthd notify test names a recipient that the mail server refuses, and no secret', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'healthd-notify-test-'));
  const server = await startMailServer({
    onRcptTo({ address }, _session, done) {
      done(address.startsWith('gone') ? Object.assign(new Error('no such user'), { responseCode: 550 }) : null);
    },
  });
  writeFileSync(join(folder, 'ca.pem'), server.certificate);
  const email = {
    smtp: `smtp://localhost:${server.port}`,
    ...LOGIN,
    from: 'healthd@example.org',
    to: ['ops@example.org', 'gone@example.org'],
    tls: { ca: join(folder, 'ca.pem') },
  };
  writeFileSync(
    join(folder, 'healthd.json'),
    JSON.stringify({ inputs: ['mem'], outputs: ['discard'], notifiers: { mail: { email } } }),
  );
  const stdout = new PassThrough();
  let text = '';
  stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const terminal = { stdout, stderr: stdout, environment: {}, cwd: folder } as unknown as Terminal;
  try {
    const code = await notifyTest({ notifier: 'mail', config: 'healthd.json' }, terminal);
    expect(code).toBe(EXIT.ok);
    const warning = `⚠ localhost:${server.port} accepted a mail for 1 of 2 recipients; the mail was not sent to gone@example.org (550 no such user)\n`;
    expect(text.replace(/\d+ ms/g, 'N ms')).toBe(
      `${warning}firing: accepted in N ms\n${warning}resolved: accepted in N ms\n`,
    );
    expect(server.mails).toHaveLength(2);
  } finally {
    await server.close();
    rmSync(folder, { recursive: true });
  }
});
