/** The tab's title in turn with the alert, at 0.5 Hz; with reduced motion it stands still. */

const TURN_MS = 1_000;

export class TitleAlert {
  #timer = 0;
  #original = null;

  /** @param {string} text */
  start(text) {
    this.stop();
    this.#original = document.title;
    document.title = text;
    if (matchMedia('(prefers-reduced-motion: reduce)').matches) return;
    this.#timer = setInterval(() => {
      document.title = document.title === text ? this.#original : text;
    }, TURN_MS);
  }

  stop() {
    clearInterval(this.#timer);
    if (this.#original !== null) document.title = this.#original;
    this.#original = null;
  }
}
