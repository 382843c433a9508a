/** The output against a real rsyslogd, which shows how it parsed each message. */
import { readFileSync } from 'node:fs';

import { expect } from '@jest/globals';

import { syslog } from '../../../src/outputs/syslog/index.ts';
import { RetryableError } from '../../../src/plugin/index.ts';
import { DIFFICULT_LINES } from '../../contract/output-contract.ts';
import { testBatch } from '../../support/kit/batch.ts';
import { certificateFiles, selfSigned } from '../../support/kit/certificate.ts';
import { freeze, testWith, waitFor } from '../../support/servers/real-server.ts';
import { RSYSLOGD, startRsyslogd, type Rsyslogd, type RsyslogdSettings } from '../../support/servers/rsyslogd.ts';
import { withOutput } from '../../support/kit/open-output.ts';

const realTest = testWith(RSYSLOGD);

const LOG =
  'healthd_log,host=web1,level=error,source=outputs.influxdb ' +
  'message="Writing failed: Größe 🌧 \\"x\\"",severity_code=3i,details="{\\"a\\":[1]}\\\\\n<0>1 - forged",count=2i ' +
  '1700000000123456789';

async function withRsyslogd(settings: RsyslogdSettings, body: (server: Rsyslogd) => Promise<void>): Promise<void> {
  const server = await startRsyslogd(settings);
  try {
    await body(server);
  } finally {
    await server.stop();
  }
}

realTest('a log record and metrics over TCP: every part is in its field, and no character is lost', () =>
  withRsyslogd({}, async (server) => {
    await withOutput(syslog, { address: `tcp://127.0.0.1:${server.port}` }, async ({ connect, write }) => {
      expect(await connect()).toBeUndefined();
      expect(await write(testBatch([LOG, ...DIFFICULT_LINES]))).toBeUndefined();
      const [log, cpu, weather, text, ...others] = await server.received(4);
      expect(others).toEqual([]);
      expect(log).toMatchObject({
        msg: '\u{feff}Writing failed: Größe 🌧 "x"',
        timereported: '2023-11-14T22:13:20.123456Z',
        hostname: 'web1',
        syslogfacility: '3',
        syslogseverity: '3',
        'app-name': 'healthd',
        procid: '-',
        msgid: 'healthd_log',
      });
      expect(sd(log)).toEqual({
        level: 'error',
        source: 'outputs.influxdb',
        details: '{"a":[1]}\\\\n<0>1 - forged',
        count: '2',
      });
      expect(cpu).toMatchObject({ msg: '', hostname: 'a', syslogseverity: '5', msgid: 'cpu' });
      expect(sd(cpu)).toEqual({ cpu: 'cpu0', usage_idle: '99.5', n: '9007199254740993' });
      expect(weather).toMatchObject({ hostname: 'agent-host', msgid: 'we_ather' });
      expect(sd(weather)).toEqual({
        'ci,ty': 'M=ünchen',
        emoji: '🌧',
        wet: 'true',
        note: 'a "quoted" back\\slash',
      });
      expect(sd(text)).toEqual({ text: 'two\\nlines', __: '中文' });
    });
  }),
);

realTest('the same over UDP, and over TCP with newline framing', () =>
  withRsyslogd({}, async (server) => {
    const record =
      'healthd_alert_event,host=web1,kind=firing message="first\nsecond",severity_code=2i 1700000000000000000';
    const variants = [
      { address: `udp://127.0.0.1:${server.port}`, facility: 'local0', app_name: 'agent' },
      { address: `127.0.0.1:${server.port}`, framing: 'non-transparent', facility: 'local0', app_name: 'agent' },
    ];
    for (const [index, options] of variants.entries()) {
      await withOutput(syslog, options, async ({ write }) => {
        expect(await write(testBatch([record, record]))).toBeUndefined();
        expect(await server.received(2 * (index + 1))).toHaveLength(2 * (index + 1));
      });
    }
    expect(new Set(server.messages().map(({ inputname }) => inputname))).toEqual(new Set(['imudp', 'imtcp']));
    for (const message of server.messages()) {
      expect(message).toMatchObject({
        rawmsg:
          '<130>1 2023-11-14T22:13:20.000000Z web1 agent - firing [healthd@32473 kind="firing"] \u{feff}first\\nsecond',
        msg: '\u{feff}first\\nsecond',
        msgid: 'firing',
      });
    }
  }),
);

realTest('over TLS; untrusted and expired certificates are rejected, and nothing is lost', async () => {
  const certificate = await selfSigned();
  const expired = await selfSigned(new Date('2020-01-01'));
  const [trusted, old] = [certificateFiles(certificate), certificateFiles(expired)];
  try {
    await withRsyslogd({ certificate }, async (server) => {
      const address = `tls://127.0.0.1:${server.tlsPort}`;
      await withOutput(syslog, { address, tls: { ca: trusted.cert } }, async ({ connect, write }) => {
        expect(await connect()).toBeUndefined();
        expect(await write(testBatch([LOG]))).toBeUndefined();
        expect((await server.received(1))[0]?.msg).toBe('\u{feff}Writing failed: Größe 🌧 "x"');
      });
      await withOutput(syslog, { address }, async ({ connect, write }) => {
        const error = await write(testBatch([LOG]));
        expect(error).toBeInstanceOf(RetryableError);
        expect(String(error)).toContain('its certificate is self-signed; name its authority in tls.ca');
        expect(await connect()).toBeInstanceOf(RetryableError);
      });
      await withOutput(syslog, { address: address.replace('tls', 'tcp') }, async ({ write }) => {
        expect(await write(testBatch([LOG]))).toBeInstanceOf(RetryableError);
      });
      expect(server.messages()).toHaveLength(1);
    });
    await withRsyslogd({ certificate: expired }, async (server) => {
      const options = { address: `tls://127.0.0.1:${server.tlsPort}`, tls: { ca: old.cert } };
      await withOutput(syslog, options, async ({ write }) => {
        expect(String(await write(testBatch([LOG])))).toContain('its certificate has expired; renew it');
      });
    });
  } finally {
    trusted.remove();
    old.remove();
  }
});

realTest('a server that is down is reported, and after its restart the batch is accepted', async () => {
  const first = await startRsyslogd();
  const { port } = first;
  await withOutput(syslog, { address: `tcp://127.0.0.1:${port}` }, async ({ write }) => {
    expect(await write(testBatch([LOG]))).toBeUndefined();
    await first.stop();
    const error = await write(testBatch([LOG]));
    expect(error).toBeInstanceOf(RetryableError);
    expect(String(error)).toContain(`127.0.0.1:${port}: nothing listens there`);
    await withRsyslogd({ port }, async (second) => {
      expect(await write(testBatch([LOG]))).toBeUndefined();
      expect(await second.received(1)).toHaveLength(1);
    });
  });
});

realTest('a server that is killed during a write has confirmed nothing', async () => {
  const server = await startRsyslogd();
  try {
    await withOutput(syslog, { address: `tcp://127.0.0.1:${server.port}` }, async ({ write }) => {
      await freeze(server.pid);
      const writing = write(testBatch(Array.from({ length: 5000 }, () => LOG.replaceAll('\n', ' '))));
      await waitFor(() => isConnectedTo(server.port));
      process.kill(server.pid, 'SIGKILL');
      const error = await writing;
      expect(error).toBeInstanceOf(RetryableError);
      expect(String(error)).toContain(`127.0.0.1:${server.port}: the connection was closed before`);
    });
  } finally {
    await server.stop();
  }
});

function sd(message: Awaited<ReturnType<Rsyslogd['received']>>[number] | undefined) {
  return message?.['$!']?.['rfc5424-sd']?.['healthd@32473'];
}

/** The kernel accepts connections for a stopped process. State 01 is ESTABLISHED, 04 is FIN_WAIT1. */
function isConnectedTo(port: number): boolean {
  const remote = `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return new RegExp(`: \\S+ ${remote} 0[14] `).test(readFileSync('/proc/net/tcp', 'utf8'));
}

realTest(
  'a server that requires client certificates confirms nothing to other clients, even for a small batch',
  async () => {
    const certificate = await selfSigned();
    const files = certificateFiles(certificate);
    try {
      await withRsyslogd({ certificate, mutual: true }, async (server) => {
        const address = `tls://127.0.0.1:${server.tlsPort}`;
        const batch = testBatch(['m message="x" 0']);
        await withOutput(syslog, { address, tls: { ca: files.cert } }, async ({ connect, write }) => {
          for (let attempt = 0; attempt < 20; attempt += 1) expect(await write(batch)).toBeInstanceOf(RetryableError);
          expect(await connect()).toBeInstanceOf(RetryableError);
        });
        const tls = { ca: files.cert, cert: files.cert, key: files.key };
        await withOutput(syslog, { address, tls }, async ({ connect, write }) => {
          expect(await connect()).toBeUndefined();
          expect(await write(batch)).toBeUndefined();
          expect(await server.received(1)).toHaveLength(1);
        });
      });
    } finally {
      files.remove();
    }
  },
);
