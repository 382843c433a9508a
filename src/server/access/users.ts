/** The users of the configuration. */
import { randomBytes } from 'node:crypto';

import type { HostScope, Role } from '../../api/access.ts';

import { Credentials } from './credentials.ts';

export interface UserSettings {
  readonly password: string;
  readonly role: Role;
  readonly scope?: HostScope | undefined;
}

export class Users {
  readonly #users: ReadonlyMap<string, UserSettings>;
  readonly #passwords: ReadonlyMap<string, Credentials>;
  /** Takes as long as any other, so that nobody learns which names there are. */
  readonly #nobody: Credentials;

  private constructor(
    users: ReadonlyMap<string, UserSettings>,
    passwords: ReadonlyMap<string, Credentials>,
    nobody: Credentials,
  ) {
    this.#users = users;
    this.#passwords = passwords;
    this.#nobody = nobody;
  }

  static async of(settings: Readonly<Record<string, UserSettings>>): Promise<Users> {
    const users = new Map(Object.entries(settings));
    const passwords = new Map<string, Credentials>();
    for (const [name, { password }] of users) passwords.set(name, await Credentials.of([password]));
    return new Users(users, passwords, await Credentials.of(users.size === 0 ? [] : [nobodysHash()]));
  }

  get isEmpty(): boolean {
    return this.#users.size === 0;
  }

  get(name: string): UserSettings | undefined {
    return this.#users.get(name);
  }

  passwordOf(name: string): Credentials {
    return this.#passwords.get(name) ?? this.#nobody;
  }
}

/** Of no password: its bits are random. */
function nobodysHash(): string {
  const random = (bytes: number) => randomBytes(bytes).toString('base64').replaceAll('=', '');
  return `$scrypt$ln=15,r=8,p=1$${random(16)}$${random(32)}`;
}
