import { errorCode } from '../../plugin/index.ts';

/** What to do, by the `code` of the system error. */
const ADVICE: Readonly<Record<string, string>> = {
  ENOENT: 'nothing is there: is Docker installed and running? Set endpoint if its socket is elsewhere',
  EACCES:
    'this user may not open it: add the user to the group docker (usermod -aG docker USER), restart the agent, or run it as root',
  EPERM: 'this user may not open it: run the agent as administrator or as root',
  ECONNREFUSED: 'nobody listens there: is the daemon running?',
  ENOTFOUND: 'there is no such host: correct endpoint',
  ECONNRESET: 'the connection broke off: if the daemon speaks TLS, set tls_ca, tls_cert and tls_key',
  EPROTO: 'TLS failed: does the daemon speak TLS on this port?',
};

/** Whether the daemon no longer knows what was asked for: a container that went away since it was listed. */
export function isGone(error: unknown): boolean {
  const status = statusCode(error);
  return status === 404 || status === 409;
}

/**
 * An error that says what was tried, on what, and what to do.
 *
 * @param timedOut milliseconds after which the request was given up, if it was
 */
export function explain(error: unknown, what: string, endpoint: string, timedOut?: number): Error {
  const trying = `Cannot ${what} at ${endpoint}`;
  if (timedOut !== undefined) {
    return new Error(`${trying}: no answer within ${timedOut} ms; is the daemon overloaded? Raise request_timeout`, {
      cause: error,
    });
  }
  const status = statusCode(error);
  if (status !== undefined) return new DaemonError(`${trying}: ${refusal(error, status)}`, status, { cause: error });
  const advice = ADVICE[errorCode(error) ?? ''];
  return new Error(advice === undefined ? trying : `${trying}: ${advice}`, { cause: error });
}

/** The daemon answered, and its answer was no. */
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
  if (said === 'page not found')
    return `HTTP ${status}, it does not know this request: the daemon is too old, update it`;
  const text = typeof said === 'string' ? `HTTP ${status}, ${said}` : `HTTP ${status}`;
  if (status === 401 || status === 403)
    return `${text}: access is refused; check what a proxy before the socket allows`;
  return text;
}

function statusCode(error: unknown): number | undefined {
  const status = (error as { readonly statusCode?: unknown } | null | undefined)?.statusCode;
  return typeof status === 'number' ? status : undefined;
}
