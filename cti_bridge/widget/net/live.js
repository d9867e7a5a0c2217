/**
 * The event socket: connects, resumes behind the last frame, and notices when it is dead.
 *
 * The server's pings are not seen by scripts, and a socket whose way is cut stays open for minutes. So: after 15 s of
 * silence, when the page is looked at again, and after sleep, the agent's view is asked for over HTTP. No answer:
 * reconnect. An answer that is not what the screen shows, and no frame that explains it within a second: reconnect.
 *
 * `onState` is told: `open` when what is shown is the truth; `reconnecting`; `moved` (4001, logged in elsewhere);
 * `ended` (4401, logged out).
 */

const SILENCE_MS = 15_000;
const TICK_MS = 2_000;
/** A tick that comes this much late: the machine has slept. */
const SLEPT_MS = 8_000;
const VERIFY_MS = 4_000;
const CONNECT_MS = 6_000;
const EXPLAIN_MS = 1_000;
const DOUBT_MS = 60_000;
const BACKOFF_MS = [0, 300, 600, 1_200, 2_400, 3_000];

const MOVED = 4001;
const LOGGED_OUT = 4401;
const GOING_AWAY = 1001;
const TRY_LATER = 1013;

/** How long to wait before the `attempt`th attempt (from 0) to come back; all panels of a house must not come at once.
 * @param {number} attempt @param {number} closeCode @param {() => number} [random] */
export function backoffMs(attempt, closeCode, random = Math.random) {
  const crowd = closeCode === GOING_AWAY || closeCode === TRY_LATER;
  const base = BACKOFF_MS[Math.min(attempt, BACKOFF_MS.length - 1)];
  return crowd ? Math.max(base, 500) * (0.5 + random()) : base * (0.7 + 0.6 * random());
}

export class Live {
  #socket = null;
  #timers = new Map();
  #attempt = 0;
  #open = false;
  #running = false;
  #heardMs = 0;
  #tickMs = 0;
  #verifying = false;
  #doubtedMs = 0;
  #fromStart = false;
  #way = 0;
  #closers = [];

  /**
   * @param {object} parts
   * @param {URL} parts.url of the socket
   * @param {() => string} parts.token empty where the cookie says who we are
   * @param {(frame: object) => void} parts.onFrame
   * @param {(state: 'open'|'reconnecting'|'moved'|'ended') => void} parts.onState
   * @param {() => Promise<boolean>} parts.verify whether the server shows what the screen shows; rejects when it
   *   cannot be asked
   * @param {() => string} parts.topics what to listen to
   * @param {() => ({id: string, seq: number}|null)} parts.position where to resume; null: begin with a snapshot
   */
  constructor(parts) {
    this.parts = parts;
  }

  start() {
    if (this.#running) return;
    this.#running = true;
    this.#attempt = 0;
    this.#tickMs = Date.now();
    this.#listen(window, 'online', () => this.#again());
    this.#listen(document, 'visibilitychange', () => document.visibilityState === 'visible' && this.check());
    this.#listen(window, 'pageshow', (event) => event.persisted && this.#again());
    const ticker = setInterval(() => this.#tick(), TICK_MS);
    this.#closers.push(() => clearInterval(ticker));
    this.#connect();
  }

  stop() {
    this.#running = this.#open = false;
    for (const close of this.#closers.splice(0)) close();
    for (const name of [...this.#timers.keys()]) this.#clear(name);
    this.#drop();
  }

  /** What was received cannot be trusted: begin again. The position decides whether with a snapshot. */
  resync() {
    if (this.#running) this.#lost(0);
  }

  /** Finds out, now, whether the connection is alive. */
  async check() {
    if (!this.#running || this.#verifying) return;
    if (!this.#open) {
      this.#again();
      return;
    }
    this.#verifying = true;
    const socket = this.#socket;
    const before = this.#heardMs;
    try {
      const same = await this.parts.verify();
      if (!same && this.#heardMs === before) await this.#explained(socket, before);
    } catch {
      if (socket === this.#socket) this.#lost(0);
    } finally {
      this.#verifying = false;
    }
  }

  async #explained(socket, before) {
    await new Promise((done) => setTimeout(done, EXPLAIN_MS));
    if (socket !== this.#socket || this.#heardMs !== before) return;
    if (!(await this.parts.verify()) && socket === this.#socket && this.#heardMs === before) this.#doubt();
  }

  /** Resuming mends a dead socket; if that was tried a moment ago, what is shown itself is wrong. */
  #doubt() {
    const now = Date.now();
    this.#fromStart = now - this.#doubtedMs < DOUBT_MS;
    this.#doubtedMs = now;
    this.#lost(0);
  }

  #connect() {
    this.#drop();
    const position = this.#fromStart ? null : this.parts.position();
    this.#fromStart = false;
    const url = new URL(this.parts.url);
    url.search = new URLSearchParams({ topics: this.parts.topics(), ...(position && { stream: position.id, since: position.seq }) });
    const socket = (this.#socket = new WebSocket(url));
    this.#after('connect', CONNECT_MS, () => this.#lost(0));
    socket.onopen = () => this.#opened(socket, position !== null);
    socket.onmessage = (event) => this.#received(event.data);
    socket.onclose = (event) => this.#closed(event.code);
  }

  /** A resumed stream is silent when nothing has happened meanwhile: then the view says that all is well. */
  #opened(socket, resumed) {
    const token = this.parts.token();
    if (token) socket.send(JSON.stringify({ type: 'auth', token }));
    this.#after('connect', CONNECT_MS, () => this.#lost(0));
    if (!resumed) return;
    this.parts.verify().then(
      () => socket === this.#socket && this.#alive(),
      () => {},
    );
  }

  #received(text) {
    let frame;
    try {
      frame = JSON.parse(text);
    } catch {
      return;
    }
    this.#heardMs = Date.now();
    this.parts.onFrame(frame);
    if (this.#socket) this.#alive();
  }

  #alive() {
    this.#heardMs = Date.now();
    if (this.#open) return;
    this.#clear('connect');
    this.#open = true;
    this.#attempt = 0;
    this.parts.onState('open');
  }

  #closed(code) {
    if (code === MOVED || code === LOGGED_OUT) {
      this.stop();
      this.parts.onState(code === MOVED ? 'moved' : 'ended');
      return;
    }
    this.#lost(code);
  }

  #lost(code) {
    this.#drop();
    this.#clear('connect');
    this.#open = false;
    this.parts.onState('reconnecting');
    if (!this.#running) return;
    const first = this.#attempt === 0;
    this.#after('retry', backoffMs(this.#attempt, code), () => (first ? this.#connect() : this.#ask()));
    this.#attempt += 1;
  }

  /**
   * HTTP goes before the next socket. A handshake that is refused looks like a broken connection: HTTP tells which it
   * was (401 ends it all). And Firefox holds new sockets back, up to a minute, after some that found no server.
   */
  async #ask() {
    const way = this.#way;
    let answered = true;
    try {
      await this.parts.verify();
    } catch ({ status }) {
      answered = status !== 0;
    }
    if (way !== this.#way) return;
    if (answered) this.#connect();
    else this.#lost(0);
  }

  #again() {
    this.#attempt = 0;
    this.#lost(0);
  }

  #tick() {
    const now = Date.now();
    const slept = now - this.#tickMs > SLEPT_MS;
    this.#tickMs = now;
    // The timers of a hidden page are held back; that is no sleep.
    if (slept && document.visibilityState === 'visible') this.#again();
    else if (this.#open && (slept || now - this.#heardMs > SILENCE_MS)) this.check().then(() => this.#heard(now));
  }

  #heard(checkedMs) {
    if (this.#open) this.#heardMs = Math.max(this.#heardMs, checkedMs);
  }

  #drop() {
    const socket = this.#socket;
    this.#socket = null;
    this.#way += 1;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }

  #after(name, delayMs, work) {
    this.#clear(name);
    this.#timers.set(name, setTimeout(work, delayMs));
  }

  #clear(name) {
    clearTimeout(this.#timers.get(name));
    this.#timers.delete(name);
  }

  #listen(target, type, listener) {
    target.addEventListener(type, listener);
    this.#closers.push(() => target.removeEventListener(type, listener));
  }
}

export { VERIFY_MS };
