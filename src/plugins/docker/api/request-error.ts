import { errorCode } from '../../../plugin/index.ts';

/** Advice by the `code` of the system error. */
const ADVICE: Readonly<Record<string, string>> = {
  ENOENT: 'no such socket: is Docker installed and running? Set endpoint if its socket is elsewhere',
  EACCES:
    'permission denied: add the user to the group docker (usermod -aG docker USER) and restart the agent, or run it as root',
  EPERM: 'permission denied: run the agent as administrator or root',
  ECONNREFUSED: 'connection refused: is the daemon running?',
  ENOTFOUND: 'unknown host: correct endpoint',
  ECONNRESET: 'connection reset: if the daemon expects TLS, set tls_ca, tls_cert and tls_key',
  EPROTO: 'TLS failed: does the daemon use TLS on this port?',
};

/** Whether the container was removed after it was listed. */
export function isGone(error: unknown): boolean {
  const status = statusCode(error);
  return status === 404 || status === 409;
}

/**
 * The error of a failed request: what was tried, on which endpoint, and what to do.
 *
 * @param timedOut the timeout in milliseconds, if that is why the request failed
 */
export function requestError(error: unknown, what: string, endpoint: string, timedOut?: number): Error {
  const trying = `Cannot ${what} at ${endpoint}`;
  if (timedOut !== undefined) {
    return new Error(`${trying}: no answer within ${timedOut} ms; is the daemon overloaded? Raise request_timeout`, {
      cause: error,
    });
  }
  const status = statusCode(error);
  if (status !== undefined) return new DaemonError(`${trying}: ${refusal(error, status)}`, status, { cause: error });
  if (error instanceof AnswerError) return new Error(`${trying}: ${error.message}`);
  const advice = ADVICE[errorCode(error) ?? ''];
  return new Error(advice === undefined ? trying : `${trying}: ${advice}`, { cause: error });
}

/** The daemon answered with something that is no answer. */
export class AnswerError extends Error {
  override readonly name = 'AnswerError';
}

/** The daemon answered with an HTTP error status. */
class DaemonError extends Error {
  override readonly name = 'DaemonError';
  readonly statusCode: number;

  constructor(message: string, statusCode: number, options: ErrorOptions) {
    super(message, options);
    this.statusCode = statusCode;
  }
}

function refusal(error: unknown, status: number): string {
  const said = (error as { readonly json?: { readonly message?: unknown } | null }).json?.message;
  if (said === 'page not found') return `HTTP ${status}, unknown request: the daemon is too old, update it`;
  const text = typeof said === 'string' ? `HTTP ${status}, ${said}` : `HTTP ${status}`;
  if (status === 401 || status === 403)
    return `${text}: access denied; check what a proxy in front of the socket allows`;
  return text;
}

function statusCode(error: unknown): number | undefined {
  const status = (error as { readonly statusCode?: unknown } | null | undefined)?.statusCode;
  return typeof status === 'number' ? status : undefined;
}
