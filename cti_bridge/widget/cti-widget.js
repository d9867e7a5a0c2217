/**
 * `<cti-widget>`: makes the store, or is lent one, and draws the views into its shadow root.
 *
 * Attribute `base`: the address of the bridge's API, when it is not beside this file.
 */
import { html, render } from './vendor/preact-htm.js';
import { lentStore } from './popout.js';
import { createStore } from './state/store.js';
import { App } from './views/app.js';
import { preferredLanguage, useLanguage } from './i18n/index.js';

export class CtiWidget extends HTMLElement {
  async connectedCallback() {
    if (this.store) {
      this.store.start();
      return;
    }
    const lent = lentStore();
    this.store = lent ?? createStore({ base: this.getAttribute('base') ?? undefined });
    const root = this.attachShadow({ mode: 'open' });
    // Drawn when the styles are there, so that nothing is seen without them.
    await Promise.all([styled(root), useLanguage(preferredLanguage())]);
    const place = document.createElement('div');
    root.append(place);
    render(html`<${App} store=${this.store} />`, place);
    // What is lent lives on and must not draw here any more.
    if (lent) addEventListener('pagehide', () => render(null, place));
  }

  /** Taken out of the page, not only moved within it. */
  disconnectedCallback() {
    queueMicrotask(() => this.isConnected || this.store.stop());
  }
}

/** Adds the style sheet to the shadow root and waits for it. A missing one does not keep the panel away. */
function styled(root) {
  return new Promise((loaded) => {
    const link = document.createElement('link');
    link.rel = 'stylesheet';
    link.href = new URL('style/panel.css', import.meta.url).href;
    link.onload = link.onerror = loaded;
    root.append(link);
  });
}
