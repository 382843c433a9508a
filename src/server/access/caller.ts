/** Who asks, and what that one may do. */
import { ROLES, type HostScope, type Role } from '../../api/access.ts';

/** What the caller may do. */
export interface Caller {
  /** Metrics are shown: to everybody who has signed in, and on a loopback address to everybody while there are no users. */
  readonly mayRead: boolean;
  /** Undefined: has not signed in. */
  readonly role: Role | undefined;
  /** Of the control socket. */
  readonly isOwner: boolean;
  /** For the audit log. */
  readonly name: string;
  /** Whether `name` is that of one person or program, so that no request can name another. */
  readonly isNamed: boolean;
  /** Undefined: all hosts. */
  readonly scope: HostScope | undefined;
  /** False once the session or the token has ended; for what lasts longer than a request. */
  readonly isValid: () => boolean;
}

/** Nobody in particular. */
export const STRANGER: Caller = {
  mayRead: false,
  role: undefined,
  isOwner: false,
  name: 'a stranger',
  isNamed: false,
  scope: undefined,
  isValid: () => true,
};

/** The user of the control socket, which only its owner may open. */
export const OWNER: Caller = { ...STRANGER, mayRead: true, role: 'admin', isOwner: true, name: 'the control socket' };

/** Whether a role, if any, includes what another one may. */
export function includes(role: Role | undefined, needed: Role): boolean {
  return role !== undefined && ROLES.indexOf(role) >= ROLES.indexOf(needed);
}

/** Who did it: one who has a name goes by that; others say it. @param said by the request */
export function doneBy({ name, isNamed }: Caller, said: string): string {
  return isNamed ? name : said;
}
