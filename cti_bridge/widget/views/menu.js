/** A button that opens a menu: arrow keys, Home, End, Escape; it closes when something else gets the focus. */
import { html, useEffect, useRef, useState } from '../vendor/preact-htm.js';
import { Icon } from './icons.js';

/**
 * `items`: `{text, on?, checked?, href?, title?}`; `checked` is true or false where one of them is the present one.
 *
 * In Safari a click takes the focus away from a button, to the next thing around it that can have it: the menu itself,
 * which therefore stays open until the click has come.
 */
export function Menu({ name, children, items, kind = '', pressed, why, icon = 'down' }) {
  const [open, setOpen] = useState(false);
  const whole = useRef();
  const entries = () => [...whole.current.querySelectorAll('[role^=menuitem]')];
  useEffect(() => {
    if (open) (entries().find((one) => one.ariaChecked === 'true') ?? entries()[0])?.focus();
  }, [open]);
  const close = () => {
    setOpen(false);
    whole.current.querySelector('button').focus();
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
    close();
    item.on();
  };
  return html`<div class="menu" tabindex="-1" ref=${whole} onKeyDown=${keyed} onfocusout=${left}>
    <button type="button" tabindex="0" class=${`button ${kind}`} aria-haspopup="menu" aria-expanded=${String(open)} aria-label=${name}
      aria-pressed=${pressed} aria-disabled=${why ? 'true' : null} title=${why || name} onClick=${() => why || setOpen(!open)}>
      ${children && html`<span class="button-text">${children}</span>`}<${Icon} name=${icon} />
    </button>
    ${open && html`<div class="menu-list" role="menu" aria-label=${name}>
      ${items.map((item) => html`<button type="button" class="menu-item" tabindex="-1" key=${item.text}
        role=${item.checked === undefined ? 'menuitem' : 'menuitemradio'} aria-checked=${item.checked}
        title=${item.title} onClick=${choose(item)}>
        <span>${item.text}</span>${item.checked && html`<${Icon} name="check" />`}
      </button>`)}
    </div>`}
  </div>`;
}
