/** The conversation; its buttons are in the dock. */
import { html } from '../vendor/preact-htm.js';
import { usePanel } from './hooks.js';
import { Icon } from './icons.js';
import { Caller } from './party.js';
import { isAsked, isInternal } from './words.js';
import { t, tOr } from '../i18n/index.js';

export function Talking() {
  const { agent } = usePanel().state;
  const { call } = agent;
  const internal = isInternal(call);
  const consulted = isAsked(agent) && !internal;
  const far = internal ? (isAsked(agent) ? 'agent' : 'target') : consulted ? 'agent' : 'customer';
  const held = call.holding.includes(far) || ['internal_on_hold', 'internal_held'].includes(call.state);
  const how = { alone: 'alone', talking: 'text' }[call.consult?.state];
  return html`<section class="card talking" aria-label=${t('state.talking')}>
    <${Caller} call=${call} eyebrow=${consulted && t('consulted.title')} />
    ${consulted && html`<p>${tOr(`consulted.${how ?? call.consult.state}`, '', { name: call.asked_by })}</p>`}
    ${held && html`<p class="held"><${Icon} name="music" /><span>${t(`holding.${internal ? 'agent' : far}`)}</span></p>`}
  </section>`;
}
