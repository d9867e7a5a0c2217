/** What the bridge has to say to this agent. The newest few are shown; each can be put away. */
import { html } from '../vendor/preact-htm.js';
import { IconButton } from './controls.js';
import { useCommands, usePanel } from './hooks.js';
import { Icon } from './icons.js';
import { clockTime } from './words.js';
import { t, tOr } from '../i18n/index.js';

const MOST_SHOWN = 3;

export function Notices() {
  const { notices } = usePanel().state;
  const { act } = useCommands();
  return html`<div class="notices" role="log" aria-live="polite" aria-label=${t('notices')}>
    ${notices.slice(-MOST_SHOWN).reverse().map((one) => html`<div class=${`notice ${one.kind}`} key=${one.id}>
      <${Icon} name=${one.kind === 'info' ? 'bell' : 'warn'} />
      <p>${tOr(`notice.${one.code}`, one.text, { number: one.text.match(/\d+/)?.[0] })} ${one.at && html`<time class="hint" datetime=${one.at}>${clockTime(one.at)}</time>`}</p>
      <${IconButton} icon="close" name=${t('notice.dismiss')} onClick=${() => act('dismissNotice', one.id)} />
    </div>`)}
  </div>`;
}
