/** An outbound call is on its way: the agent's phone rings, then the customer's. */
import { html } from '../vendor/preact-htm.js';
import { Refused } from './controls.js';
import { HangUp } from './actions.js';
import { useCommands, usePanel } from './hooks.js';
import { Caller, Facts } from './party.js';
import { NextStatus } from './status.js';
import { Since } from './timer.js';
import { t } from '../i18n/index.js';

export function Dialing() {
  const { agent } = usePanel().state;
  const { call } = agent;
  const { act, busy, problem } = useCommands();
  const own = call.state === 'dialing_agent';
  const step = own ? (agent.answer === 'phone' ? 'dialing.lift' : 'dialing.own') : 'dialing.customer';
  return html`<section class="card dialing" aria-label=${t('state.dialing')}>
      <${Caller} call=${call} />
      <p class=${own ? 'lift' : 'held'} role="status"><span class="spinner"></span><span>${t(step)}</span>
        <strong><${Since} at=${call.since} label=${t('dialing.time')} /></strong></p>
      <${Facts} call=${call} />
      <${HangUp} agent=${agent} act=${act} busy=${busy} kind="danger wide" />
      <${Refused} problem=${problem} />
    </section>
    <${NextStatus} />`;
}
