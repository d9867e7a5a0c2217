/** An outbound call is on its way: the agent's phone is rung, then the customer's. That it rings is only said when it does. */
import { html } from '../vendor/preact-htm.js';
import { usePanel } from './hooks.js';
import { Caller } from './party.js';
import { isInternal } from './words.js';
import { t } from '../i18n/index.js';

export function Dialing() {
  const { agent } = usePanel().state;
  const own = agent.call.state === 'dialing_agent';
  const { rings } = agent.call;
  const lift = rings && agent.answer !== 'browser';
  const step = own ? (lift ? 'dialing.lift' : 'dialing.own') : rings ? (isInternal(agent.call) ? 'consult.target.ringing' : 'dialing.customer') : 'dialing.reaching';
  return html`<section class="card dialing" aria-label=${t('state.dialing')}>
    <${Caller} call=${agent.call} />
    <p class=${own ? 'lift' : 'held'} role="status"><span class="spinner"></span><span>${t(step)}</span></p>
  </section>`;
}
