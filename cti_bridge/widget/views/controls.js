/** Buttons, fields and the place where a refusal is shown. */
import { html, useRef } from '../vendor/preact-htm.js';
import { usePanel } from './hooks.js';
import { Icon } from './icons.js';
import { t } from '../i18n/index.js';
import { problemText } from './words.js';

/**
 * `why` is the reason for which it cannot be used now: it stays reachable by keyboard and says so. `busy`: its command
 * is under way. `keys`: its shortcut, such as Alt+A. `name`: what it is called where its text is not enough. `local`: it
 * needs no server; all others cannot be used while there is none.
 *
 * Safari's Tab passes by a button that has no tabindex.
 */
export function Button({ children, icon, kind = '', type = 'button', why: reason, busy, keys, name, title, local, onClick, ...rest }) {
  const { agent, connection } = usePanel().state;
  const why = reason || (!local && agent && connection !== 'open' ? t('not_now') : undefined);
  const off = Boolean(why || busy);
  const clicked = (event) => {
    if (off) event.preventDefault();
    else onClick?.(event);
  };
  return html`<button tabindex="0" ...${rest} type=${type} class=${`button ${kind}`} onClick=${clicked}
    aria-disabled=${off ? 'true' : null} aria-busy=${busy ? 'true' : null} aria-label=${name}
    aria-keyshortcuts=${keys} title=${why || title || keys}>
    ${icon && html`<${Icon} name=${icon} />`}<span class="button-text">${children}</span>
  </button>`;
}

/** A button that shows only an icon. */
export const IconButton = ({ icon, name, ...rest }) =>
  html`<${Button} ...${rest} icon=${icon} name=${name} title=${name} kind="quiet icon-only" />`;

let fields = 0;

/**
 * An input with its label above it and a hint below. `error` is said with it; `bare` hides the label from
 * the eye alone.
 */
export function Field({ label, hint, error, bare, as = 'input', children, ...rest }) {
  const id = useRef(null);
  id.current ??= `field-${(fields += 1)}`;
  const below = error || hint;
  return html`<div class="field">
    <label for=${id.current} class=${bare ? 'sr-only' : ''}>${label}</label>
    <${as} ...${rest} id=${id.current} class="input" aria-invalid=${error ? 'true' : null}
      aria-describedby=${below ? `${id.current}-below` : null}>${children}<//>
    ${below && html`<p class=${error ? 'field-error' : 'hint'} id=${`${id.current}-below`}>${below}</p>`}
  </div>`;
}

/** Where a refusal is read: right at what was asked. */
export function Refused({ problem, what }) {
  return html`<div role="alert" class="refused-place">
    ${problem && html`<p class="refused"><${Icon} name="warn" /><span>${problemText(problem, what)}</span></p>`}
  </div>`;
}

export const Spinner = () => html`<p class="waiting" role="status"><span class="spinner"></span>${t('wait')}</p>`;
