/** A modal dialog: the browser keeps the focus inside, closes it on Escape and gives the focus back. */
import { html, useEffect, useRef } from '../vendor/preact-htm.js';
import { IconButton } from './controls.js';
import { t } from '../i18n/index.js';

let dialogs = 0;

export function Dialog({ title, onClose, children, role }) {
  const node = useRef();
  const id = useRef(null);
  id.current ??= `dialog-${(dialogs += 1)}`;
  useEffect(() => {
    const dialog = node.current;
    const before = dialog.getRootNode().activeElement;
    dialog.showModal();
    dialog.querySelector('[data-first]')?.focus();
    return () => {
      dialog.close();
      // Chromium gives the focus back without the caret: a field would lose what is typed until it is focused anew.
      before?.blur();
      before?.focus();
    };
  }, []);
  const cancelled = (event) => {
    event.preventDefault();
    onClose();
  };
  return html`<dialog class="dialog" ref=${node} role=${role} aria-labelledby=${id.current} onCancel=${cancelled}>
    <header class="dialog-head">
      <h2 id=${id.current}>${title}</h2>
      <${IconButton} icon="close" name=${t('close')} onClick=${onClose} />
    </header>
    <div class="dialog-body">${children}</div>
  </dialog>`;
}
