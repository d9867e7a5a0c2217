/** The tab's title in turn with the alert, at 0.5 Hz; with reduced motion it stands still. */

const TURN_MS = 1_000;

export class TitleAlert {
  #timer = 0;
  #original = null;
  #text = '';

  /** @param {string} text */
  start(text) {
    this.stop();
    this.#original = document.title;
    document.title = this.#text = text;
    if (matchMedia('(prefers-reduced-motion: reduce)').matches) return;
    this.#timer = setInterval(() => {
      document.title = document.title === this.#text ? this.#original : this.#text;
    }, TURN_MS);
  }

  /** The same alert in other words. @param {string} text */
  say(text) {
    if (document.title === this.#text) document.title = text;
    this.#text = text;
  }

  stop() {
    clearInterval(this.#timer);
    if (this.#original !== null) document.title = this.#original;
    this.#original = null;
  }
}
