/** The agent's phone has vanished from the call; the customer hears music. */
import { html } from '../vendor/preact-htm.js';
import { usePanel } from './hooks.js';
import { Icon } from './icons.js';
import { Caller } from './party.js';
import { t } from '../i18n/index.js';

export function PhoneLost() {
  const { agent } = usePanel().state;
  return html`<section class="card lost" aria-label=${t('state.reconnecting')}>
    <${Caller} call=${agent.call} />
    <p class="lift" role="status"><${Icon} name="phone" /><span>${t('lost.text')} ${t(agent.answer === 'phone' ? 'lost.lift' : 'lost.wait')}</span></p>
  </section>`;
}
