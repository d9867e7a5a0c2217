/** The customer hears music; the agent hears nothing. */
import { html } from '../vendor/preact-htm.js';
import { Refused } from './controls.js';
import { ForceDisconnect, HangUp, Resume, Transfer } from './actions.js';
import { Duration } from './duration.js';
import { useCommands, usePanel } from './hooks.js';
import { Icon } from './icons.js';
import { Caller, Facts } from './party.js';
import { LastResult } from './result.js';
import { NextStatus } from './status.js';
import { Since } from './timer.js';
import { t } from '../i18n/index.js';

export function OnHold({ show }) {
  const { agent } = usePanel().state;
  const { call } = agent;
  const { act, busy, problem } = useCommands();
  const phone = call.held_by.includes('phone');
  return html`<section class="card on-hold" aria-label=${t('state.on_hold')}>
      <${LastResult} call=${call} />
      <${Caller} call=${call} />
      <p class="held"><${Icon} name="music" /><span>${t('hold.hears')}</span>
        <strong><${Since} at=${call.since} label=${t('hold.time')} /></strong></p>
      <${Duration} call=${call} /><${Facts} call=${call} />
      ${phone && html`<p class="lift"><${Icon} name="phone" />${t('hold.on_phone')}</p>`}
      <${Resume} agent=${agent} act=${act} busy=${busy} />
      <div class="actions two">
        <${Transfer} agent=${agent} onClick=${() => show('transfer')} />
        <${HangUp} agent=${agent} act=${act} busy=${busy} />
      </div>
      <${Refused} problem=${problem} />
      <div class="actions end"><${ForceDisconnect} agent=${agent} onClick=${() => show('force')} /></div>
    </section>
    <${NextStatus} />`;
}
