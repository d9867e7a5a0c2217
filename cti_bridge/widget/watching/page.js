/** The element of a page for supervisors: its store, its styles, its language, and who may see it. */
import { html, render, useCallback, useEffect, useLayoutEffect, useState } from '../vendor/preact-htm.js';
import { Panel } from '../views/hooks.js';
import { Login } from '../views/login.js';
import { addTexts, preferredLanguage, rememberLanguage, t, useLanguage } from '../i18n/index.js';

/** @param {{tag: string, sheet: string, texts: object, store: () => object, View: Function, title: string}} page */
export function definePage({ tag, sheet, texts, store: make, View, title }) {
  addTexts(texts);
  customElements.define(tag, class extends HTMLElement {
    async connectedCallback() {
      if (this.store) return;
      this.store = make();
      const root = this.attachShadow({ mode: 'open' });
      await Promise.all([styled(root, sheet), useLanguage(preferredLanguage())]);
      const place = document.createElement('div');
      place.className = 'page';
      root.append(place);
      render(html`<${Whole} store=${this.store} View=${View} title=${title} />`, place);
      this.store.start();
    }
  });
}

function Whole({ store, View, title }) {
  const [state, show] = useState(store.state);
  const [, drawAgain] = useState(0);
  useLayoutEffect(() => store.subscribe(() => show(store.state)), [store]);
  const speak = async (code) => { if (await useLanguage(code)) drawAgain((count) => count + 1); };
  useEffect(() => { speak(preferredLanguage(state.settings?.language)); }, [state.settings?.language]);
  const onLanguage = useCallback((code) => { rememberLanguage(code); speak(code); }, []);
  useEffect(() => { document.title = t(title); });
  const { connection, sections } = state;
  return html`<${Panel.Provider} value=${{ store, state }}>
    ${connection === 'login' || connection === 'ended' ? html`<${Login} onLanguage=${onLanguage} />`
      : connection === 'forbidden' ? html`<${Said} title=${t('watching.forbidden')} text=${t('watching.forbidden.text')} />`
      : connection === 'moved' ? html`<${Said} title=${t('moved.title')} text=${t('watching.moved.text')} />`
      : !sections ? html`<main class="starting" aria-busy="true"><p role="status">${t('wait')}</p></main>`
      : html`<${View} onLanguage=${onLanguage} />`}
  <//>`;
}

const Said = ({ title, text }) => html`<main class="starting"><div class="card"><h1>${title}</h1><p>${text}</p></div></main>`;

function styled(root, sheet) {
  return new Promise((loaded) => {
    const link = document.createElement('link');
    link.rel = 'stylesheet';
    link.href = new URL(`../style/${sheet}.css`, import.meta.url).href;
    link.onload = link.onerror = loaded;
    root.append(link);
  });
}
