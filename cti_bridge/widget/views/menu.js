/** A button that opens a menu: arrow keys, Home, End, Escape; it closes when something else gets the focus. */
import { html, useLayoutEffect, useRef, useState } from '../vendor/preact-htm.js';
import { Icon } from './icons.js';

/**
 * `items`: `{text, on?, checked?, why?, keys?}`; `checked` is true or false where one of them is the present one, `why`
 * the reason for which it cannot be used now, `keys` its shortcut, which works while the menu is closed. `face` is shown
 * in the button in place of its text and icon, `head` above the items. `place`: `up` opens it upwards.
 *
 * In Safari a click takes the focus away from a button, to the next thing around it that can have it: the menu itself,
 * which therefore stays open until the click has come.
 */
export function Menu({ name, children, items, kind = '', place = '', pressed, why, means, icon = 'down', face, head }) {
  const [open, setOpen] = useState(false);
  const whole = useRef();
  const button = () => whole.current.querySelector('button');
  const entries = () => [...whole.current.querySelectorAll('[role^=menuitem]')];
  useLayoutEffect(() => {
    if (open) (entries().find((one) => one.ariaChecked === 'true') ?? entries()[0])?.focus();
  }, [open]);
  const close = () => {
    setOpen(false);
    button().focus();
  };
  const keyed = (event) => {
    if (!open) return;
    const all = entries();
    const at = all.indexOf(event.target);
    const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
    if (next !== undefined) all.at(next % all.length).focus();
    else if (event.key === 'Escape') close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const left = (event) => {
    if (!whole.current?.contains(event.relatedTarget)) setOpen(false);
  };
  const choose = (item) => () => {
    if (item.why) return;
    close();
    item.on();
  };
  /** A shortcut of an item clicks the button, which is guarded: the event says which item is meant. */
  const clicked = (event) => {
    const { keys } = event;
    if (why) return;
    if (keys) choose(items.find((item) => item.keys === keys))();
    else setOpen(!open);
  };
  const shortcuts = items.map((item) => item.keys).filter(Boolean).join(' ') || null;
  return html`<div class=${`menu ${place}`} tabindex="-1" ref=${whole} onKeyDown=${keyed} onfocusout=${left}>
    <button type="button" tabindex="0" class=${`button ${kind}`} aria-haspopup="menu" aria-expanded=${String(open)} aria-label=${name}
      aria-pressed=${pressed} aria-disabled=${why ? 'true' : null} title=${why || name} data-means=${means} data-shortcuts=${shortcuts}
      onClick=${clicked}>
      ${face ?? html`${kind === 'tool' && html`<${Icon} name=${icon} />`}${children && html`<span class="button-text">${children}</span>`}
        ${kind !== 'tool' && html`<${Icon} name=${icon} />`}`}
    </button>
    ${open && html`<div class="menu-list">${head}<div role="menu" aria-label=${name}>
      ${items.map((item) => html`<button type="button" class="menu-item" tabindex="-1" key=${item.text}
        role=${item.checked === undefined ? 'menuitem' : 'menuitemradio'} aria-checked=${item.checked}
        aria-disabled=${item.why ? 'true' : null} title=${item.why} onClick=${choose(item)}>
        <span>${item.text}${item.why && html`<small>${item.why}</small>`}</span>
        ${item.checked ? html`<${Icon} name="check" />` : item.keys && html`<kbd>${item.keys}</kbd>`}
      </button>`)}
    </div></div>`}
  </div>`;
}
