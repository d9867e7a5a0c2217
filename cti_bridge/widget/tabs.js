/**
 * Several tabs of one browser show the same agent; one of them owns the sound and the phone. The owner holds a lock
 * of the browser (Web Locks), so it passes on when its tab closes or crashes. Without locks (no secure context, or
 * cookies are blocked) every tab counts as the owner.
 */

const LOCK = 'cti-widget:owner';
const CHANNEL = 'cti-widget';
const AGAIN_MS = 100;

export class Tabs {
  #running = 0;
  #release = () => {};
  #channel = null;

  /** @param {{onOwner: (owner: boolean) => void, onMessage: (message: object) => void}} told */
  constructor(told) {
    this.told = told;
    this.locks = navigator.locks ?? null;
  }

  /** Resolves when it is known whether this tab is the owner, which `onOwner` has been told then. */
  async start() {
    if (this.#running) return;
    const run = (this.#running = nextRun());
    this.#channel = openChannel((message) => this.told.onMessage(message));
    if (!this.locks) {
      this.told.onOwner(true);
      return;
    }
    if (await this.#ask(run, { ifAvailable: true })) return;
    if (run !== this.#running) return;
    this.told.onOwner(false);
    this.#ask(run, {});
  }

  stop() {
    this.#running = 0;
    this.#release();
    this.#channel?.close();
    this.#channel = null;
  }

  /** The sound and the phone come here; the tab that had them is told by the browser. */
  async takeOver() {
    if (!this.#running || !this.locks) return;
    await this.#ask(this.#running, { steal: true });
  }

  /** To the other tabs. */
  tell(message) {
    this.#channel?.postMessage(message);
  }

  /** Resolves with whether the lock was given; it is held until stop() or until it is stolen. */
  #ask(run, options) {
    return new Promise((resolve) => {
      this.locks.request(LOCK, options, (lock) => this.#granted(run, lock, resolve)).then(
        () => resolve(false),
        (error) => this.#refused(run, error, resolve),
      );
    });
  }

  #granted(run, lock, resolve) {
    if (!lock || run !== this.#running) {
      resolve(false);
      return undefined;
    }
    const held = new Promise((release) => {
      this.#release = release;
    });
    this.told.onOwner(true);
    resolve(true);
    return held;
  }

  /** Stolen by another tab; or the browser was told to keep nothing for this site, locks included. */
  #refused(run, { name }, resolve) {
    const stolen = name === 'AbortError';
    if (!stolen) this.locks = null;
    resolve(!stolen);
    if (run !== this.#running) return;
    this.told.onOwner(!stolen);
    // Not at once: WebKit refuses all requests of a page that is being left, which would never come to an end.
    if (stolen) setTimeout(() => run === this.#running && this.#ask(run, {}), AGAIN_MS);
  }
}

let runs = 0;

function nextRun() {
  runs += 1;
  return runs;
}

function openChannel(onMessage) {
  if (!('BroadcastChannel' in globalThis)) return null;
  const channel = new BroadcastChannel(CHANNEL);
  channel.onmessage = (event) => onMessage(event.data);
  return channel;
}
