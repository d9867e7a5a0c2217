/** A sheet: it fills the middle and leaves the dock alone. Escape closes it, and the focus goes back to where it was. */
import { html, useLayoutEffect, useRef } from '../vendor/preact-htm.js';
import { IconButton } from './controls.js';
import { t } from '../i18n/index.js';

let sheets = 0;

export function Dialog({ title, onClose, children }) {
  const node = useRef();
  const id = useRef(null);
  id.current ??= `sheet-${(sheets += 1)}`;
  // Before it is drawn: the next key may come at once.
  useLayoutEffect(() => {
    const sheet = node.current;
    const root = sheet.getRootNode();
    const before = root.activeElement;
    (sheet.querySelector('[data-first]') ?? sheet).focus();
    return () => {
      // Somebody who has gone elsewhere meanwhile stays there.
      if (root.activeElement && !sheet.contains(root.activeElement)) return;
      // Chromium gives the focus back without the caret: a field would lose what is typed until it is focused anew.
      before?.blur();
      // What the sheet lay over can have the focus again when it has been drawn.
      requestAnimationFrame(() => root.activeElement || before?.focus());
    };
  }, []);
  const keyed = (event) => {
    if (event.key !== 'Escape' || event.isComposing) return;
    event.stopPropagation();
    onClose();
  };
  return html`<section class="sheet" role="dialog" tabindex="-1" ref=${node} aria-labelledby=${id.current} onKeyDown=${keyed}>
    <header class="sheet-head">
      <h2 id=${id.current}>${title}</h2>
      <${IconButton} icon="close" name=${t('close')} local onClick=${onClose} />
    </header>
    <div class="sheet-body">${children}</div>
  </section>`;
}
