/** The keyboard shortcuts. */
import { html } from '../vendor/preact-htm.js';
import { Dialog } from './dialog.js';
import { SHORTCUTS } from './shortcuts.js';
import { t } from '../i18n/index.js';

export const HelpDialog = ({ onClose }) => html`<${Dialog} title=${t('help.title')} onClose=${onClose}>
  <dl class="keys">${SHORTCUTS.map(([keys, key]) => html`<div key=${keys}><dt><kbd>${keys}</kbd></dt><dd>${t(key)}</dd></div>`)}</dl>
<//>`;
