import { html } from '../vendor/preact-htm.js';
import { Button } from './controls.js';
import { useCommands } from './hooks.js';
import { phoneNumber, when } from './words.js';
import { t } from '../i18n/index.js';

/** A comment for a call that got no ticket. It waits for the next call of the number, or to be thrown away. */
export function Orphan({ place, draft }) {
  const { act, busy } = useCommands();
  const text = t(draft.number ? 'ticket.orphan.text' : 'ticket.orphan.withheld', { number: phoneNumber(draft.number), at: when(draft.at) });
  return html`<section class="card ticket" aria-label=${t('ticket.orphan')}>
    <header class="part-head"><h2>${t('ticket.orphan')}</h2></header>
    <p class="hint">${text}</p>
    <p class="said">${draft.text}</p>
    <${Button} kind="quiet small" local busy=${busy('writeComment')} onClick=${() => act('writeComment', place, '')}>${t('ticket.orphan.drop')}<//>
  </section>`;
}
