/** The request is refused with this status. The message is shown to the caller. */
export class HttpError extends Error {
  override readonly name = 'HttpError';
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.headers = headers;
  }
}

/**
 * @param what subject of the sentence, such as `The history`
 * @param remedy how to switch it on
 * @throws HttpError 503 if the source is not there
 */
export function available<Source>(source: Source | undefined, what: string, remedy?: string): Source {
  if (source === undefined) {
    const end = remedy === undefined ? '' : `; ${remedy}`;
    throw new HttpError(503, `${what} is not available: it is off, or has not started yet${end}`);
  }
  return source;
}
