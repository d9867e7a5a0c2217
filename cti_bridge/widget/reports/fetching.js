/** The page's requests. A report may take a minute, and can be given up. */
import { ProblemError, problemOf } from '../net/problem.js';

const API = new URL('../../api/v1/', import.meta.url);
const MOST_MS = 100_000;

export const addressIn = (path, query) => new URL(query ? `${path}?${query}` : path, API).href;

/** Resolves to `{content, cursor}`; rejects with a ProblemError, `given_up` when `signal` ended it.
 * @param {string} path @param {URLSearchParams} [query] @param {AbortSignal} [signal] */
export async function get(path, query, signal) {
  const ended = new AbortController();
  const end = () => ended.abort();
  signal?.addEventListener('abort', end);
  const timer = setTimeout(end, MOST_MS);
  try {
    const response = await fetch(addressIn(path, query), {
      headers: { Accept: 'application/json' }, cache: 'no-store', credentials: 'same-origin', signal: ended.signal,
    });
    if (!response.ok) throw await problemOf(response);
    const next = response.headers.get('Link')?.match(/<([^>]+)>; rel="next"/);
    const cursor = next ? new URL(next[1], response.url).searchParams.get('cursor') : null;
    return { content: await response.json(), cursor };
  } catch (error) {
    if (error instanceof ProblemError) throw error;
    throw new ProblemError({ code: signal?.aborted ? 'given_up' : 'network', status: 0 });
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', end);
  }
}

/** Logs in; the browser keeps the session. */
export async function logIn(cti_id, password) {
  let response;
  try {
    response = await fetch(addressIn('login'), {
      method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ cti_id, password }),
      credentials: 'same-origin', cache: 'no-store',
    });
  } catch {
    throw new ProblemError({ code: 'network', status: 0 });
  }
  if (!response.ok) throw await problemOf(response);
}
