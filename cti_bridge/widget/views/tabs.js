/** Tabs: arrow keys move between them, Tab goes on into the panel. */
import { html, useRef } from '../vendor/preact-htm.js';

/** `tabs`: `[{id, text}]`; the panel of `chosen` is `children`. */
export const Tabs = ({ children, ...rest }) => html`<${TabList} kind="tabs" ...${rest} />
  <div role="tabpanel" id=${`panel-${rest.chosen}`} aria-labelledby=${`tab-${rest.chosen}`} key=${rest.chosen}>${children}</div>`;

/** The tabs alone; their panel, `panel-ID`, is elsewhere. */
export function TabList({ name, kind, tabs, chosen, choose }) {
  const list = useRef();
  const keyed = (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const at = (tabs.findIndex((tab) => tab.id === chosen) + step + tabs.length) % tabs.length;
    choose(tabs[at].id);
    list.current.children[at].focus();
  };
  return html`<div class=${kind} role="tablist" aria-label=${name} ref=${list} onKeyDown=${keyed}>
      ${tabs.map(({ id, text }) => html`<button type="button" role="tab" key=${id} id=${`tab-${id}`} class="tab" onClick=${() => choose(id)}
        aria-selected=${String(id === chosen)} aria-controls=${id === chosen ? `panel-${id}` : null} tabindex=${id === chosen ? 0 : -1}>${text}</button>`)}
    </div>`;
}
