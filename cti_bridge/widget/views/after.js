/** After the call: Business (Ticket Processing), until the agent chooses what comes next. */
import { html, useState } from '../vendor/preact-htm.js';
import { Button, Refused } from './controls.js';
import { useCommands, usePanel } from './hooks.js';
import { Recall } from './idle.js';
import { Outcome } from './outcome.js';
import { Why } from './why.js';
import { t } from '../i18n/index.js';

export function AfterCall() {
  const { agent } = usePanel().state;
  const { act, busy, problem } = useCommands();
  // The core's question ends with the status, so "Cancel" is remembered for this one.
  const [refusedAt, refuse] = useState(null);
  const asks = agent.prompt && refusedAt !== agent.since;
  return html`<${Recall} /><section class="card after" aria-label=${t('after.title')}>
    <h2>${t('after.title')}</h2>
    <${Outcome} />
    ${asks
      ? html`<div class="prompt" role="group" aria-label=${t('prompt.text')}><p>${t('prompt.text')}</p><div class="actions two">
          <${Button} icon="check" kind="primary" busy=${busy('setStatus')} onClick=${() => act('setStatus', 'ready')}>${t('confirm')}<//>
          <${Button} local onClick=${() => refuse(agent.since)}>${t('cancel')}<//></div></div>`
      : html`<p class="hint">${t('after.text')}</p>`}
    <${Refused} problem=${problem} />
    <${Why} />
  </section>`;
}
