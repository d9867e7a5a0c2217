/**
 * Whether the microphone is muted, for one call. The browser's storage keeps it: neither a reload nor the end of the
 * tab that has the phone may open a microphone that somebody has closed.
 *
 * Agents who share a browser have one each. Where nothing can be stored the page itself remembers.
 */

const KEY = 'cti-widget.mute:';

export class Mutes {
  #here = new Map();

  /** @param {string} ctiId @returns {{call: string, muted: boolean}|null} `call` is empty when it was chosen before
   * there was one; null: nothing is known */
  read(ctiId) {
    try {
      const { call, muted } = JSON.parse(localStorage.getItem(KEY + ctiId));
      return { call: String(call), muted: muted === true };
    } catch {
      return this.#here.get(ctiId) ?? null;
    }
  }

  /** @param {string} ctiId @param {string} call @param {boolean} muted */
  keep(ctiId, call, muted) {
    this.#here.set(ctiId, { call, muted });
    try {
      localStorage.setItem(KEY + ctiId, JSON.stringify({ call, muted }));
    } catch {
      // The page remembers; a later one takes the call up muted, for it knows nothing.
    }
  }
}
