/** How the last call ended, until the next one, and the call that was missed. */
import { html } from '../vendor/preact-htm.js';
import { usePanel } from './hooks.js';
import { caller, named, phoneNumber, when } from './words.js';
import { t, tOr } from '../i18n/index.js';

/** `role` is the agent's own in the call. Who was consulted is no agent of it: "agent" is the colleague then. */
function how({ role, outcome, ended_by }) {
  const consulted = role === 'target';
  if (ended_by === 'supervisor') return t('ended_by.supervisor');
  if (outcome !== 'completed' || !ended_by) return tOr(`outcome.${outcome}.${role}`, named('outcome', outcome));
  if (consulted && ended_by === 'agent') return t('ended_by.colleague');
  return named('ended_by', consulted && ended_by === 'target' ? 'agent' : ended_by);
}

export function Outcome() {
  const { ended } = usePanel().state;
  if (!ended) return null;
  return html`<p class="outcome"><span>${t('outcome.title')}</span><strong>${how(ended)}</strong>
    ${ended.at && html`<time class="hint" datetime=${ended.at}>${when(ended.at)}</time>`}</p>`;
}

export function Missed() {
  const { missed } = usePanel().state.agent;
  if (!missed) return null;
  const { result, customer_name, customer_number, at } = missed;
  return html`<p class="outcome"><span>${named('reason', result)}:</span><strong>${caller(missed)}</strong>
    ${customer_name && html`<span class="time">${phoneNumber(customer_number)}</span>`}
    <time class="hint" datetime=${at}>${when(at)}</time></p>`;
}
