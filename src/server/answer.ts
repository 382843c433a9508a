/** What a route returns when it is not a JSON value. */

/** A list is sent as a header each. */
export type ReplyHeaders = Readonly<Record<string, string | string[]>>;

/** An answer with headers of its own. */
export class Reply {
  readonly status: number;
  readonly headers: ReplyHeaders;
  readonly body: Uint8Array | string;

  constructor(status: number, headers: ReplyHeaders, body: Uint8Array | string) {
    this.status = status;
    this.headers = headers;
    this.body = body;
  }
}

/** A reader of server-sent events. */
export interface EventSink {
  /** Drops the reader if too much waits for it. Does nothing after it has gone. */
  send(event: string, data: string): void;
  /** The same; resolves when the reader has taken what it was sent, or has gone. */
  sendAndWait(event: string, data: string): Promise<void>;
  /** Whether what was sent still waits for the reader. */
  readonly isBehind: boolean;
  /** Aborts when the reader has gone. */
  readonly closed: AbortSignal;
  /** Ends the stream. */
  drop(): void;
}

/** Server-sent events. */
export class EventStream {
  /** Called once; writes until the sink is closed. If it rejects, the stream ends. */
  readonly start: (sink: EventSink) => Promise<void>;

  constructor(start: EventStream['start']) {
    this.start = start;
  }
}
