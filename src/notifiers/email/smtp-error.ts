/** Classifies SMTP errors: permanent for the mail, permanent for the target, or temporary. */
import { describeError, errorCode, PermanentError, redactor, RetryableError, TargetError } from '../../plugin/index.ts';

/** Frequent failed logins may lock the account. */
const LOGIN_RETRY_MS = 900_000;

/** Rejected because of policy, sender or address (RFC 5321, 4.2.3), not because of the content. */
const TARGET_CODES = new Set([530, 534, 535, 538, 550, 551, 553]);

/** @param server host and port, for the message @param secrets redacted from the message */
export function classify(error: unknown, server: string, secrets: readonly string[]): Error {
  const code = errorCode(error);
  const { responseCode } = error as { readonly responseCode?: number };
  const text = `${server}: ${redactor(secrets)(describeError(error))}`;
  if (code === 'EAUTH') return new TargetError(`${text}; correct user and password`);
  if (code === 'ETLS') {
    return new TargetError(
      `${text}; the server offers no usable encryption: use smtps://, or see the option "starttls"`,
    );
  }
  if (responseCode === undefined) return new RetryableError(text);
  if (responseCode < 500)
    return new RetryableError(text, { retryAfterMs: responseCode === 454 ? LOGIN_RETRY_MS : undefined });
  return TARGET_CODES.has(responseCode) ? new TargetError(text) : new PermanentError(text);
}
