/**
 * The HTTP side. The session is a cookie that no script can read; the CSRF value is kept here, in memory. Where the
 * browser keeps no cookie for us (a frame in a page of another site), the token that login returned is used, from
 * memory too: then a reload asks for the password again.
 */

import { ProblemError, problemOf } from './problem.js';

const TIMEOUT_MS = 10_000;
const RETRY_MS = 300;

/** Unique enough also where the page has no secure context, and so no crypto.randomUUID. */
export function newKey() {
  if (crypto.randomUUID) return crypto.randomUUID();
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

export class Api {
  #csrf = '';
  #token = '';
  #ctiId = '';

  /** @param {{base: string|URL, onUnauthenticated?: () => void}} options `base` ends with a slash */
  constructor({ base, onUnauthenticated = () => {} }) {
    this.base = new URL(base, location.href);
    this.onUnauthenticated = onUnauthenticated;
  }

  /** The bearer token where cookies do not work, else empty. */
  get token() {
    return this.#token;
  }

  forget() {
    this.#csrf = this.#token = this.#ctiId = '';
  }

  /** @returns {Promise<object>} the session, as GET /session gives it, with `round: [sentMs, receivedMs]` */
  async login(cti_id, password) {
    this.forget();
    const { token, csrf } = await this.#send('POST', 'login', { body: { cti_id, password } });
    this.#csrf = csrf;
    try {
      this.#ctiId = cti_id;
      return await this.session();
    } catch (problem) {
      if (problem.code !== 'unauthenticated') throw problem;
    }
    this.#token = token;
    return this.session();
  }

  /** Who is logged in here, and the settings. Rejects with `unauthenticated` without telling anybody. */
  async session() {
    const sentMs = Date.now();
    const session = await this.#send('GET', 'session', {});
    if (this.#ctiId && this.#ctiId !== session.agent.cti_id) throw somebodyElse();
    this.#ctiId = session.agent.cti_id;
    this.#csrf = session.csrf ?? this.#csrf;
    return { ...session, csrf: undefined, round: [sentMs, Date.now()] };
  }

  /** @param {string} path below the base @param {Record<string, string|undefined>} [query]
   * @param {{timeoutMs?: number, onAnswer?: (response: Response) => void}} [options] */
  async get(path, query = {}, options = {}) {
    const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== '');
    const search = given.length ? `?${new URLSearchParams(given)}` : '';
    return this.#watched(() => this.#send('GET', path + search, options));
  }

  /** The address of audio, for an element of the page. Without cookies it cannot show who asks, so the audio is fetched. */
  async media(path) {
    const address = new URL(path, this.base).href;
    if (!this.#token) return address;
    const response = await fetch(address, { headers: { Authorization: `Bearer ${this.#token}` } });
    if (!response.ok) throw await problemOf(response);
    return URL.createObjectURL(await response.blob());
  }

  /** A page of a list: `{rows, cursor}`. `cursor` asks for the page behind it; null: there is none.
   * @param {string} path @param {Record<string, string|undefined>} [query] */
  async page(path, query = {}) {
    let cursor = null;
    const rows = await this.get(path, query, { onAnswer: (response) => { cursor = cursorIn(response); } });
    return { rows, cursor };
  }

  /** A write is one click: what is repeated after a broken connection carries the same key, so it happens once. A `key`
   * of one's own does so for several attempts. */
  async write(method, path, body, key = newKey()) {
    const options = { body, key };
    return this.#watched(async () => {
      try {
        return await this.#send(method, path, options);
      } catch (problem) {
        if (problem.code === 'network') await new Promise((done) => setTimeout(done, RETRY_MS));
        else if (problem.code === 'bad_csrf') await this.session();
        else throw problem;
      }
      return this.#send(method, path, options);
    });
  }

  async #watched(work) {
    try {
      return await work();
    } catch (problem) {
      if (problem.code === 'unauthenticated') this.onUnauthenticated();
      throw problem;
    }
  }

  async #send(method, path, { body, key, timeoutMs = TIMEOUT_MS, onAnswer }) {
    const headers = { Accept: 'application/json' };
    if (body !== undefined) headers['Content-Type'] = 'application/json';
    if (key) headers['Idempotency-Key'] = key;
    if (this.#csrf && method !== 'GET') headers['X-CTI-CSRF'] = this.#csrf;
    if (this.#token) headers.Authorization = `Bearer ${this.#token}`;
    try {
      const response = await fetch(new URL(path, this.base), {
        method,
        headers,
        body: body === undefined ? undefined : JSON.stringify(body),
        cache: 'no-store',
        credentials: 'same-origin',
        signal: AbortSignal.timeout(timeoutMs),
      });
      if (!response.ok) throw await problemOf(response);
      onAnswer?.(response);
      return await response.json();
    } catch (error) {
      if (error instanceof ProblemError) throw error;
      throw new ProblemError({ code: 'network', status: 0, detail: 'The server cannot be reached.' });
    }
  }
}

/** Where the list goes on, by the header Link (RFC 8288). */
function cursorIn(response) {
  const next = response.headers.get('Link')?.match(/<([^>]+)>; rel="next"/);
  return next ? new URL(next[1], response.url).searchParams.get('cursor') : null;
}

/** Another window of this browser has logged in as another agent, and cookies are shared. */
function somebodyElse() {
  return new ProblemError({ code: 'unauthenticated', status: 401, detail: 'Somebody else has logged in here.' });
}
