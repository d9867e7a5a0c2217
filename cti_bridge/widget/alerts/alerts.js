/**
 * Makes the alert heard and seen outside the page: ringtone, tab title, desktop notification. All of them follow from
 * {@link alertOf} alone, so whatever ends the ringing ends them.
 */

import { alertOf } from './alert.js';
import { DesktopAlert } from './desktop.js';
import { Ringtone } from './ringtone.js';
import { TitleAlert } from './title.js';

export class Alerts {
  #shown = null;
  #who = '';

  /** @param {import('../state/store.js').Store} store @param {{incoming?: string}} texts */
  constructor(store, texts) {
    this.store = store;
    this.texts = { incoming: 'Incoming call', ...texts };
    this.ringtone = new Ringtone((allowed) => this.#allowed(allowed));
    this.title = new TitleAlert();
    this.desktop = new DesktopAlert();
  }

  follow(state) {
    const alert = alertOf(state);
    if (alert?.offerId === this.#shown?.offerId) return;
    this.#silence();
    if (alert) this.#begin(alert);
  }

  stop() {
    this.#silence();
    this.ringtone.close();
  }

  /** To be called from a click. @returns {Promise<boolean>} whether notifications are permitted */
  allowNotifications() {
    return this.desktop.allow();
  }

  #begin(alert) {
    this.#shown = alert;
    const who = alert.name === alert.number || !alert.number ? alert.name : `${alert.name} ${alert.number}`;
    this.ringtone.start();
    this.#who = who;
    this.title.start(this.#words());
    this.desktop.start(this.texts.incoming, [who, alert.queue].filter(Boolean).join('\n'));
  }

  /** In another language, also while it rings. */
  speak(texts) {
    this.texts = { ...this.texts, ...texts };
    if (this.#shown) this.title.say(this.#words());
  }

  #words() {
    return `● ${this.texts.incoming} ${this.#who}`.trim();
  }

  #silence() {
    this.#shown = null;
    this.ringtone.stop();
    this.title.stop();
    this.desktop.stop();
  }

  #allowed(allowed) {
    if (this.store.state.sound.allowed !== allowed) this.store.change({ sound: { allowed } });
  }
}
