/** The customer hears music; the agent hears nothing. */
import { html } from '../vendor/preact-htm.js';
import { usePanel } from './hooks.js';
import { Icon } from './icons.js';
import { Caller } from './party.js';
import { isInternal } from './words.js';
import { t } from '../i18n/index.js';

export function OnHold() {
  const { call } = usePanel().state.agent;
  const phone = call.held_by.includes('phone');
  return html`<section class="card on-hold" aria-label=${t('state.on_hold')}>
    <${Caller} call=${call} />
    <p class="held"><${Icon} name=${phone ? 'phone' : 'music'} /><span>${t(phone ? 'hold.on_phone' : isInternal(call) ? 'consult.customer.music' : 'hold.hears')}</span></p>
  </section>`;
}
