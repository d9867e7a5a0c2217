/** Tabs: arrow keys move between them, Tab goes on into the panel. */
import { html, useRef } from '../vendor/preact-htm.js';

/** `tabs`: `[{id, text}]`; the panel of `chosen` is `children`. */
export function Tabs({ name, tabs, chosen, choose, children }) {
  const list = useRef();
  const keyed = (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const at = (tabs.findIndex((tab) => tab.id === chosen) + step + tabs.length) % tabs.length;
    choose(tabs[at].id);
    list.current.children[at].focus();
  };
  return html`<div class="tabs" role="tablist" aria-label=${name} ref=${list} onKeyDown=${keyed}>
      ${tabs.map(({ id, text }) => html`<button type="button" role="tab" key=${id} id=${`tab-${id}`} class="tab" onClick=${() => choose(id)}
        aria-selected=${String(id === chosen)} aria-controls=${id === chosen ? `panel-${id}` : null} tabindex=${id === chosen ? 0 : -1}>${text}</button>`)}
    </div>
    <div role="tabpanel" id=${`panel-${chosen}`} aria-labelledby=${`tab-${chosen}`} key=${chosen}>${children}</div>`;
}
