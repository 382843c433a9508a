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

/** @throws HttpError 503 if the source is not there. @param what subject of the sentence, such as `The history` */
export function available<Source>(source: Source | undefined, what: string): Source {
  if (source === undefined) throw new HttpError(503, `${what} is not available: it is off, or has not started yet`);
  return source;
}
