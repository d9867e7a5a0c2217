/** No call: what happens next. */
import { html } from '../vendor/preact-htm.js';
import { Button, Refused } from './controls.js';
import { useCommands, usePanel } from './hooks.js';
import { Missed, Outcome } from './outcome.js';
import { Why } from './why.js';
import { t, tOr } from '../i18n/index.js';

export const canDialUp = (agent) => agent.allowed_actions.includes('dial');

/** Why Dial up cannot be used now, else undefined. */
export function whyNoDialUp(agent) {
  if (canDialUp(agent)) return undefined;
  return t(agent.phone === 'unreachable' ? 'dial.phone_unreachable' : 'dial.not_now');
}

/** A direct transfer that still rings can be taken back. */
export function Recall() {
  const { agent } = usePanel().state;
  const { act, busy, problem } = useCommands();
  if (!agent.allowed_actions.includes('recall')) return null;
  return html`<section class="card" aria-label=${t('recall.title')}>
    <h2>${t('recall.title')}</h2><p>${t('recall.text')}</p>
    <${Button} icon="resume" kind="wide" busy=${busy('recall')} onClick=${() => act('recall')}>${t('recall')}<//>
    <${Refused} problem=${problem} />
  </section>`;
}

export function Idle() {
  const { agent } = usePanel().state;
  const waiting = agent.status === 'ready' && (agent.no_calls ?? []).length === 0;
  const key = waiting ? 'waiting' : { ready: 'blocked', rest: 'rest' }[agent.status] ?? `business.${agent.reason}`;
  return html`<${Recall} />
    <section class="card idle" aria-label=${t('idle.title')}>
      <h2>${tOr(`idle.${key}`, t('idle.not_ready'))}</h2>
      <p class="hint">${tOr(`idle.${key}.text.${agent.answer}`, tOr(`idle.${key}.text`, t('idle.not_ready.text')))}</p>
      <${Missed} />
      <${Outcome} />
      <${Why} />
    </section>`;
}
