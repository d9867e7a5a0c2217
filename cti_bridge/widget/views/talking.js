/** The conversation; its buttons are in the dock. */
import { html } from '../vendor/preact-htm.js';
import { usePanel } from './hooks.js';
import { Icon } from './icons.js';
import { Caller } from './party.js';
import { t } from '../i18n/index.js';

export function Talking() {
  const { call } = usePanel().state.agent;
  const consulted = call.state.startsWith('consult');
  const other = consulted ? 'agent' : 'customer';
  return html`<section class="card talking" aria-label=${t('state.talking')}>
    <${Caller} call=${call} eyebrow=${consulted && t('consulted.title')} />
    ${consulted && html`<p>${t(call.state === 'consult_alone' ? 'consulted.alone' : 'consulted.text', { name: call.asked_by })}</p>`}
    ${call.holding.includes(other) && html`<p class="held"><${Icon} name="music" /><span>${t(`holding.${other}`)}</span></p>`}
  </section>`;
}
