/** A self-signed certificate for 127.0.0.1 and `service.test`, and its key, PEM. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { generate } from 'selfsigned';

export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** @param notAfter expiry; default: in a year */
export async function selfSigned(notAfter?: Date): Promise<Certificate> {
  const { cert, private: key } = await generate([{ name: 'commonName', value: '127.0.0.1' }], {
    keySize: 2048,
    ...(notAfter === undefined ? {} : { notBeforeDate: new Date(0), notAfterDate: notAfter }),
    extensions: [
      {
        name: 'subjectAltName',
        altNames: [
          { type: 7, ip: '127.0.0.1' },
          { type: 2, value: 'service.test' },
        ],
      },
    ],
  });
  return { cert, key };
}

/** The same as files, for programs and options that take paths. */
export function certificateFiles({ cert, key }: Certificate) {
  const folder = mkdtempSync(join(tmpdir(), 'healthd-certificate-'));
  const paths = { cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') };
  writeFileSync(paths.cert, cert);
  writeFileSync(paths.key, key, { mode: 0o600 });
  return {
    ...paths,
    remove: () => {
      rmSync(folder, { recursive: true });
    },
  };
}
