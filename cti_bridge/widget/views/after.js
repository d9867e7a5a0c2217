/** After the call: Business (Ticket Processing), until the agent chooses what comes next. */
import { html, useState } from '../vendor/preact-htm.js';
import { Button, Refused } from './controls.js';
import { useCommands, usePanel } from './hooks.js';
import { DialUp, Recall } from './idle.js';
import { Outcome } from './outcome.js';
import { Until } from './timer.js';
import { Why } from './why.js';
import { t } from '../i18n/index.js';

export function AfterCall({ onDial }) {
  const { agent } = usePanel().state;
  const { act, busy, problem } = useCommands();
  const ends = agent.ticket_processing_ends_at;
  // The core's question ends with the status, so "Cancel" is remembered for this one.
  const [refusedAt, refuse] = useState(null);
  const ready = (text) => html`<${Button} icon="check" kind="primary wide" busy=${busy('setStatus')} onClick=${() => act('setStatus', 'ready')}>${text}<//>`;
  const asks = agent.prompt && refusedAt !== agent.since;
  return html`<${Recall} /><section class="card after" aria-label=${t('after.title')}>
    <h2>${t('after.title')}</h2>
    <${Outcome} />
    ${ends && html`<p class="held"><span>${t('after.limit')}</span><strong><${Until} at=${ends} label=${t('after.limit')} /></strong></p>`}
    ${asks
      ? html`<div class="prompt" role="group" aria-label=${t('prompt.text')}><p>${t('prompt.text')}</p>
          <div class="actions two">${ready(t('confirm'))}<${Button} onClick=${() => refuse(agent.since)}>${t('cancel')}<//></div></div>`
      : html`<p class="hint">${t('after.text')}</p>${ready(t('after.ready'))}`}
    <${Refused} problem=${problem} />
    ${!asks && html`<${DialUp} onDial=${onDial} />`}<${Why} />
  </section>`;
}
