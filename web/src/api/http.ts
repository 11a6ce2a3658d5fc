/** The one place that talks to the server: JSON in and out, errors as values of one class. */

/** What went wrong with a request, in words for a person. */
export class ApiError extends Error {
  constructor(message: string, readonly status: number) {
    super(message);
    this.name = 'ApiError';
  }
}

/** Where to go when the session has ended; the page comes back here after signing in. */
function loginUrl(): string {
  return `/login?redirect=${encodeURIComponent(location.pathname + location.search)}`;
}

async function readError(answer: Response): Promise<ApiError> {
  let message = `The server answered ${answer.status}.`;
  try {
    const body = (await answer.json()) as { message?: unknown; error?: unknown; results?: Record<string, { error?: unknown }> };
    if (typeof body.message === 'string') message = body.message;
    else if (typeof body.error === 'string') message = body.error;
    else if (body.results) {
      // Every query of a request failed: each says why.
      const said = Object.entries(body.results).flatMap(([refId, r]) => (typeof r.error === 'string' ? [`Query ${refId}: ${r.error.replace(/[:\s]+$/, '')}.`] : []));
      if (said.length > 0) message = said.join(' ');
    }
  } catch {
    // Not JSON: the status is all there is.
  }
  return new ApiError(message, answer.status);
}

interface RequestOptions {
  method?: string;
  body?: unknown;
  signal?: AbortSignal | undefined;
  /** True where 401 means a wrong answer to a question, not a lost session. */
  stay?: boolean;
}

/** The raw answer; throws `ApiError` for a refusal and for a server out of reach. A lost session leads to the sign-in page. */
export async function send(url: string, { method = 'GET', body, signal, stay = false }: RequestOptions = {}): Promise<Response> {
  let answer: Response;
  try {
    const init: RequestInit = { method, credentials: 'same-origin', headers: { accept: 'application/json' } };
    if (signal) init.signal = signal;
    if (body !== undefined) {
      init.headers = { accept: 'application/json', 'content-type': 'application/json' };
      init.body = JSON.stringify(body);
    }
    answer = await fetch(url, init);
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new ApiError('The server cannot be reached. Check that Orrery is running.', 0);
  }
  return check(answer, stay);
}

export async function check(answer: Response, stay = false): Promise<Response> {
  if (answer.ok) return answer;
  if (answer.status === 401 && !stay) location.assign(loginUrl());
  throw await readError(answer);
}

export const getJson = async <T>(url: string, options?: RequestOptions): Promise<T> => (await send(url, options)).json() as Promise<T>;
