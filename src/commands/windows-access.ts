/** Access lists of files on Windows, which one process of PowerShell reads and ends. */
import { systemClock } from '../core/clock.ts';
import { WindowsReader } from '../host/windows/reader.ts';

const TIMEOUT_MS = 60_000;

export interface AccessLists {
  /** Whether this process has the rights of an administrator. */
  readonly elevated: boolean;
  /** One for each path. */
  readonly sddl: readonly string[];
}

export type AskAccess = (paths: readonly string[]) => Promise<AccessLists>;

/** @throws Error if Windows does not say */
export async function askAccess(
  paths: readonly string[],
  reader = new WindowsReader(systemClock),
): Promise<AccessLists> {
  const lease = reader.lease();
  try {
    const [answer] = await lease.ask('access', { paths }, systemClock.signal(TIMEOUT_MS));
    const { elevated, sddl } = (answer ?? {}) as { readonly elevated?: unknown; readonly sddl?: unknown };
    if (typeof elevated !== 'boolean' || !Array.isArray(sddl) || sddl.length !== paths.length)
      throw new Error('It gave no access lists');
    return { elevated, sddl: sddl.map(String) };
  } finally {
    lease.release();
  }
}
