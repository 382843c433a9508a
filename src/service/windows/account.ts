/** The account of the service on Windows: a virtual one, which has no password and only the rights that its identifier is given. */
import { createHash } from 'node:crypto';

export const SERVICE_NAME = 'healthd';

export const SERVICE_ACCOUNT = `NT SERVICE\\${SERVICE_NAME}`;

/** Of the system, as tasks and WinSW run it: they know no virtual accounts. */
export const LOCAL_SERVICE = { name: 'NT AUTHORITY\\LocalService', sid: 'S-1-5-19' } as const;

/** The identifier that Windows derives from the name of a service, so it is known before the service is. */
export function serviceSid(name: string): string {
  const digest = createHash('sha1').update(Buffer.from(name.toUpperCase(), 'utf16le')).digest();
  return ['S-1-5-80', ...[0, 4, 8, 12, 16].map((at) => digest.readUInt32LE(at))].join('-');
}
