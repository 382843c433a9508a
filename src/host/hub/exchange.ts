/** One request to a hub, and what its answer means. */
import { HUB_CODES, type HubCode } from '../../api/hub-protocol.ts';
import { printable } from '../../core/printable.ts';
import { jsonOf } from '../../core/json.ts';
import {
  RetryableError,
  TooLargeError,
  z,
  type HttpClient,
  type HttpRequest,
  type TlsMaterial,
} from '../../plugin/index.ts';
import { retryAfter } from '../../plugin/http-status.ts';

const refusal = z.object({
  error: z.string().max(2000),
  code: z.enum(HUB_CODES).optional().catch(undefined),
  token: z.string().max(200).optional(),
});

/** The hub refuses. */
export class RefusedByHub extends RetryableError {
  readonly code: HubCode | undefined;
  /** Of a clone: joins it as a host of its own. */
  readonly token: string | undefined;
  /** Of HTTP. */
  readonly status: number;

  constructor(
    message: string,
    { code, token, status }: Pick<RefusedByHub, 'code' | 'token' | 'status'>,
    retryAfterMs: number | undefined,
  ) {
    super(message, { retryAfterMs });
    this.code = code;
    this.token = token;
    this.status = status;
  }
}

export class NotJoinedError extends RetryableError {
  constructor() {
    super('This host has not joined a hub; run "healthd join" with the address that the hub prints');
  }
}

/** A hub, and how to reach it. */
export interface HubAddress {
  /** Without a path. */
  readonly hub: string;
  /** The same object each time: connections are kept by it. */
  readonly tls: TlsMaterial | undefined;
}

export interface Exchange extends Pick<HttpRequest, 'body' | 'headers'> {
  /** Below `/api/v1/agents/`, with its query. */
  readonly path: string;
  /** Bearer token. */
  readonly token?: string;
}

/** @throws RefusedByHub; RetryableError without an answer; TooLargeError */
export async function exchange(
  http: HttpClient,
  { hub, tls }: HubAddress,
  { path, token, headers, body }: Exchange,
  signal: AbortSignal,
): Promise<unknown> {
  const request: HttpRequest = {
    url: `${hub}/api/v1/agents/${path}`,
    method: 'POST',
    tls,
    headers: { ...headers, ...(token !== undefined && { authorization: `Bearer ${token}` }) },
    ...(body !== undefined && { body }),
  };
  const answer = await http(request, signal);
  const { status, body: text } = answer;
  if (status >= 200 && status < 300) return text === '' ? undefined : jsonOf(text);
  if (status === 413) throw new TooLargeError('The hub takes no batch of this size');
  const { error, ...refused } = refusalIn(text, status);
  // A hub says seconds, so the time of a date is not needed.
  const wait = retryAfter(answer.headers.get('retry-after'), 0);
  throw new RefusedByHub(printable(error), { code: refused.code, token: refused.token, status }, wait);
}

function refusalIn(text: string, status: number): z.output<typeof refusal> {
  const parsed = refusal.safeParse(jsonOf(text));
  return parsed.success ? parsed.data : { error: `The hub answered with HTTP ${status}; is it a healthd hub?` };
}

/** The same with JSON, checked. @throws RetryableError for an answer that no hub gives */
export async function ask<Schema extends z.ZodType>(
  http: HttpClient,
  address: HubAddress,
  { body, schema, ...rest }: Omit<Exchange, 'body' | 'headers'> & { readonly body: unknown; readonly schema: Schema },
  signal: AbortSignal,
): Promise<z.output<Schema>> {
  const headers = { 'content-type': 'application/json' };
  const answer = await exchange(http, address, { ...rest, headers, body: JSON.stringify(body) }, signal);
  const parsed = schema.safeParse(answer);
  if (!parsed.success) throw new RetryableError('The answer is not that of a healthd hub; check its address');
  return parsed.data;
}
