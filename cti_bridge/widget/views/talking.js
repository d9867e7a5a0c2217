/** The conversation; its buttons are in the dock. */
import { html } from '../vendor/preact-htm.js';
import { usePanel } from './hooks.js';
import { Icon } from './icons.js';
import { Caller } from './party.js';
import { isAsked } from './words.js';
import { t, tOr } from '../i18n/index.js';

export function Talking() {
  const { agent } = usePanel().state;
  const { call } = agent;
  const consulted = isAsked(agent);
  const other = consulted ? 'agent' : 'customer';
  const how = { alone: 'alone', talking: 'text' }[call.consult?.state];
  return html`<section class="card talking" aria-label=${t('state.talking')}>
    <${Caller} call=${call} eyebrow=${consulted && t('consulted.title')} />
    ${consulted && html`<p>${tOr(`consulted.${how ?? call.consult.state}`, '', { name: call.asked_by })}</p>`}
    ${call.holding.includes(other) && html`<p class="held"><${Icon} name="music" /><span>${t(`holding.${other}`)}</span></p>`}
  </section>`;
}
