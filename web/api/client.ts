/** Asks the agent that served the page. */

const TIMEOUT_MS = 10_000;

/** What went wrong, as a sentence for the reader. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  /** Of HTTP; 0 if there was no answer. */
  readonly status: number;

  constructor(message: string, status: number, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
  }
}

export type Query = Readonly<Record<string, string | number | readonly string[] | undefined>>;

/** What a hub knows of all its hosts. */
const OF_A_HOST = /^(query|usual|changes|series)$/;
let subject: string | undefined;

/** @param host of a hub, whose series are asked for from now on; undefined: those of the agent */
export function askAbout(host: string | undefined): void {
  subject = host;
}

/** @throws ApiError */
export async function get<Answer>(path: string, query: Query = {}, signal?: AbortSignal): Promise<Answer> {
  const about = OF_A_HOST.test(path) ? { host: subject } : {};
  return (await request(`${path}${queryText({ ...about, ...query })}`, { method: 'GET' }, signal)) as Answer;
}

/** @throws ApiError */
export async function post<Answer>(path: string, body: unknown, signal?: AbortSignal): Promise<Answer> {
  const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  return (await request(path, init, signal)) as Answer;
}

async function request(path: string, init: RequestInit, signal?: AbortSignal): Promise<unknown> {
  const deadline = AbortSignal.timeout(TIMEOUT_MS);
  const response = await fetch(`/api/v1/${path}`, {
    ...init,
    credentials: 'same-origin',
    signal: signal === undefined ? deadline : AbortSignal.any([signal, deadline]),
  }).catch((cause: unknown) => {
    if (signal?.aborted === true) throw cause;
    const why = deadline.aborted ? `did not answer within ${TIMEOUT_MS / 1000} s` : 'does not answer';
    throw new ApiError(`The agent ${why}.`, 0, { cause });
  });
  const text = await response.text();
  if (!response.ok) throw new ApiError(refusal(response.status, text), response.status);
  return text === '' ? undefined : JSON.parse(text);
}

function refusal(status: number, text: string): string {
  const said = errorOf(text);
  if (said !== undefined) return said;
  if (status === 401 || status === 403) return 'This needs you to sign in.';
  if (status === 429) return 'Too many requests; try again in a moment.';
  return `The agent answered with status ${status}.`;
}

function errorOf(text: string): string | undefined {
  try {
    const answer: unknown = JSON.parse(text);
    const said = typeof answer === 'object' && answer !== null && 'error' in answer ? answer.error : undefined;
    return typeof said === 'string' && said !== '' ? said : undefined;
  } catch {
    return undefined;
  }
}

function queryText(query: Query): string {
  const parameters = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (value === undefined) continue;
    for (const item of typeof value === 'object' ? value : [value]) parameters.append(key, String(item));
  }
  const text = parameters.toString();
  return text === '' ? '' : `?${text}`;
}
