/** A real rsyslogd that receives over UDP, TCP and TLS and stores the parsed messages. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';

import type { Certificate } from '../kit/certificate.ts';
import { freePort, serverFolder, startServer, waitFor, type Requirement } from './real-server.ts';

export const RSYSLOGD: Requirement = { binary: 'rsyslogd', package: 'rsyslog, and rsyslog-gnutls' };

/** The properties of a message, named as in rsyslog; `rfc5424-sd` is its structured data, parsed. */
export interface SyslogMessage {
  readonly msg: string;
  readonly rawmsg: string;
  readonly timereported: string;
  readonly hostname: string;
  readonly inputname: string;
  readonly syslogfacility: string;
  readonly syslogseverity: string;
  readonly 'app-name': string;
  readonly procid: string;
  readonly msgid: string;
  readonly '$!'?: { readonly 'rfc5424-sd'?: Readonly<Record<string, Readonly<Record<string, string>>>> };
}

export interface Rsyslogd {
  readonly pid: number;
  readonly port: number;
  readonly tlsPort: number;
  /** Messages stored so far. */
  messages(): readonly SyslogMessage[];
  /** Waits until `count` messages are stored. */
  received(count: number): Promise<readonly SyslogMessage[]>;
  stop(): Promise<void>;
}

export interface RsyslogdSettings {
  /** Of the TLS listener; without one there is none. */
  readonly certificate?: Certificate;
  /** Accepts only clients with the same certificate. */
  readonly mutual?: boolean;
  /** Port of UDP and TCP. Default: a free one. */
  readonly port?: number;
}

export async function startRsyslogd({
  certificate,
  mutual = false,
  port: wanted,
}: RsyslogdSettings = {}): Promise<Rsyslogd> {
  const folder = serverFolder('rsyslogd');
  const [port, tlsPort] = [wanted ?? (await freePort()), await freePort()];
  const paths = { configuration: join(folder.path, 'rsyslog.conf'), kept: join(folder.path, 'messages') };
  writeFileSync(
    paths.configuration,
    configuration(folder.path, { port, tlsPort, kept: paths.kept, certificate, mutual }),
  );
  const server = await startServer({
    command: RSYSLOGD.binary,
    args: ['-n', '-f', paths.configuration, '-i', join(folder.path, 'pid')],
    ready: async () => (await Promise.all([port, ...(certificate ? [tlsPort] : [])].map(listens))).every(Boolean),
  });
  const messages = () => (existsSync(paths.kept) ? parsed(readFileSync(paths.kept, 'utf8')) : []);
  return {
    pid: server.pid,
    port,
    tlsPort,
    messages,
    received: async (count) => {
      await waitFor(() => messages().length >= count, { what: `${count} messages in rsyslogd` });
      return messages();
    },
    stop: async () => {
      await server.stop();
      folder.remove();
    },
  };
}

interface Listeners {
  readonly port: number;
  readonly tlsPort: number;
  readonly kept: string;
  readonly certificate: Certificate | undefined;
  readonly mutual: boolean;
}

function configuration(folder: string, { port, tlsPort, kept, certificate, mutual }: Listeners): string {
  const here = 'address="127.0.0.1" ruleset="keep"';
  return [
    `global(workDirectory="${folder}" maxMessageSize="64k" ${certificate === undefined ? '' : tlsFiles(folder, certificate)})`,
    'module(load="imudp")',
    'module(load="imtcp")',
    'module(load="mmpstrucdata")',
    `input(type="imudp" port="${port}" ${here})`,
    `input(type="imtcp" port="${port}" ${here})`,
    certificate === undefined
      ? ''
      : `input(type="imtcp" port="${tlsPort}" streamDriver.name="gtls" streamDriver.mode="1" ` +
        `streamDriver.authMode="${mutual ? 'x509/certvalid' : 'anon'}" ${here})`,
    'template(name="json" type="string" string="%jsonmesg%\\n")',
    'ruleset(name="keep") {',
    '  action(type="mmpstrucdata" sd_name.lowercase="off")',
    `  action(type="omfile" file="${kept}" template="json")`,
    '}',
    '',
  ].join('\n');
}

function tlsFiles(folder: string, { cert, key }: Certificate): string {
  const paths = { cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') };
  writeFileSync(paths.cert, cert);
  writeFileSync(paths.key, key, { mode: 0o600 });
  return (
    `defaultNetstreamDriverCAFile="${paths.cert}" defaultNetstreamDriverCertFile="${paths.cert}" ` +
    `defaultNetstreamDriverKeyFile="${paths.key}"`
  );
}

/** The last line may be incomplete. */
function parsed(text: string): readonly SyslogMessage[] {
  const lines = text.split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line) as SyslogMessage);
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port }, () => socket.destroy());
    socket.on('error', () => undefined);
    socket.once('close', (hadError) => {
      resolve(!hadError);
    });
  });
}
