/** Who the reader is to the agent. */
import { get, post } from './client.ts';
import type { SessionAnswer } from './answers.ts';

/** Exchanges the token of a one-time address (`/#token`) for a session, and removes it from the address bar. */
export async function openSession(): Promise<{ readonly session: SessionAnswer; readonly refused?: string }> {
  const token = location.hash.slice(1);
  if (!hasToken()) return { session: await get<SessionAnswer>('session') };
  history.replaceState(history.state, '', location.pathname + location.search);
  try {
    await post('session', { token });
  } catch (error) {
    const refused = error instanceof Error ? error.message : String(error);
    return { session: await get<SessionAnswer>('session'), refused };
  }
  return { session: await get<SessionAnswer>('session') };
}

/** 256 bits in base64url; anything else is a place in the page. */
export function hasToken(): boolean {
  return /^#[\w-]{43}$/.test(location.hash);
}

/** @param user empty for the password that all share @throws ApiError if the password is wrong, or tried too often */
export async function signIn(password: string, user: string): Promise<SessionAnswer> {
  await post('session', { password, ...(user !== '' && { user }) });
  return get<SessionAnswer>('session');
}
