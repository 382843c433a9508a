/** Classifies SMTP errors (permanent for the mail, permanent for the target, or temporary) and says what to do. */
import {
  describeError,
  errorCode,
  networkReason,
  PermanentError,
  redactor,
  RetryableError,
  TargetError,
  truncate,
} from '../../plugin/index.ts';

export interface MailServer {
  /** Host and port, for messages. */
  readonly host: string;
  /** TLS from the beginning: `smtps://`. */
  readonly isSecure: boolean;
}

/** What nodemailer's errors have. */
interface SmtpError {
  readonly responseCode?: number;
  /** Code of the network error; `code` is nodemailer's own then. */
  readonly originalCode?: string;
  /** Of a mail that no recipient was accepted for. */
  readonly rejectedErrors?: readonly RefusedRecipient[];
}

/** The error of one recipient. */
export interface RefusedRecipient {
  readonly recipient?: string | undefined;
  /** The reply of the server: `550 5.1.1 no such user`. */
  readonly response?: string | undefined;
}

/** Characters. */
const MAX_QUOTE = 300;

/** Frequent failed logins may lock the account. */
const LOGIN_RETRY_MS = 900_000;

/** Rejected because of policy, sender or address (RFC 5321, 4.2.3), not because of the content. */
const TARGET_CODES = new Set([530, 534, 535, 538, 550, 551, 553]);

const NOT_TLS = 'ERR_SSL_WRONG_VERSION_NUMBER';

const REMEDIES = { start: 'start the mail server or correct smtp', trust: 'name it in tls.ca' };

/** @param secrets redacted from the message */
export function classify(error: unknown, server: MailServer, secrets: readonly string[]): Error {
  const { responseCode } = error as SmtpError;
  const text = `${server.host}: ${redactor(secrets)(reasonOf(error))}${adviceFor(error, server)}`;
  if (responseCode !== undefined && responseCode < 500) {
    const isLogin = errorCode(error) === 'EAUTH' || responseCode === 454;
    return new RetryableError(text, { retryAfterMs: isLogin ? LOGIN_RETRY_MS : undefined });
  }
  if (errorCode(error) === 'EAUTH' || errorCode(error) === 'ETLS') return new TargetError(text);
  if (responseCode === undefined) return new RetryableError(text);
  return TARGET_CODES.has(responseCode) ? new TargetError(text) : new PermanentError(text);
}

/** `gone@example.org (550 5.1.1 no such user)`, joined. */
export function refusedText(refused: readonly RefusedRecipient[]): string {
  return refused.map(({ recipient = '?', response = 'no reason' }) => `${recipient} (${response})`).join(', ');
}

function reasonOf(error: unknown): string {
  const { originalCode, rejectedErrors } = error as SmtpError;
  if (rejectedErrors !== undefined) return `refused all recipients: ${refusedText(rejectedErrors)}`;
  // It quotes what the server sent, which need not be an answer.
  if (originalCode === undefined) return truncate(describeError(error), MAX_QUOTE);
  if (originalCode === NOT_TLS) return 'the server does not begin with TLS';
  return networkReason(Object.assign(new Error(describeError(error)), { code: originalCode }), REMEDIES);
}

function adviceFor(error: unknown, server: MailServer): string {
  const advice = transportAdvice(error, server) ?? loginAdvice(error, server);
  return advice === undefined ? '' : `; ${advice}`;
}

/** The usual mix-up of ports: 465 begins with TLS, 587 and 25 switch to it by STARTTLS (RFC 8314, 3). */
function transportAdvice(error: unknown, { host, isSecure }: MailServer): string | undefined {
  const { originalCode } = error as SmtpError;
  if (isSecure && originalCode === NOT_TLS) {
    return `if the port is for STARTTLS (usually 587), write smtp://${host}`;
  }
  if (!isSecure && errorCode(error) === 'ETIMEDOUT' && /greeting/i.test(describeError(error))) {
    return `if the port expects TLS from the beginning (usually 465), write smtps://${host}`;
  }
  return undefined;
}

function loginAdvice(error: unknown, { host }: MailServer): string | undefined {
  const { responseCode } = error as SmtpError;
  if (errorCode(error) === 'ETLS') {
    return `the server offers no usable encryption: write smtps://${host}, or see the option "starttls"`;
  }
  if (/starttls/i.test(describeError(error))) return 'the server requires encryption; remove "starttls"';
  if (responseCode === 530) return 'set user and password';
  if (errorCode(error) !== 'EAUTH' || (responseCode ?? 0) < 500) return undefined;
  return 'correct user and password; Gmail, Microsoft 365 and others require an app password instead of that of the account';
}
