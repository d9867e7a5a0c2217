/** Why the server, or the way to it, refused. `code` is one of the API's stable codes, or `network` (status 0). */
export class ProblemError extends Error {
  /** @param {{code: string, status: number, detail?: string, errors?: object[], retryAfter?: number|null}} problem
   * `retryAfter` is in seconds */
  constructor({ code, status, detail = '', errors = [], retryAfter = null }) {
    super(detail || code);
    this.name = 'ProblemError';
    this.code = code;
    this.status = status;
    this.detail = detail;
    this.errors = errors;
    this.retryAfter = retryAfter;
  }
}

/** The problem that a response tells (RFC 9457), or the best that can be said of another one.
 * @param {Response} response @returns {Promise<ProblemError>} */
export async function problemOf(response) {
  let body = null;
  try {
    body = await response.json();
  } catch {
    // Something between us and the server answered.
  }
  const seconds = Number.parseInt(response.headers.get('Retry-After') ?? '', 10);
  return new ProblemError({
    code: typeof body?.code === 'string' ? body.code : 'http_error',
    status: response.status,
    detail: typeof body?.detail === 'string' ? body.detail : response.statusText,
    errors: Array.isArray(body?.errors) ? body.errors : [],
    retryAfter: Number.isNaN(seconds) ? null : seconds,
  });
}
