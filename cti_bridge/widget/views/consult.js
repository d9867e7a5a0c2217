/** A consultation: a row for each party, what they hear, and what can be done with them. */
import { html } from '../vendor/preact-htm.js';
import { Button, Refused } from './controls.js';
import { useCommands, usePanel } from './hooks.js';
import { Icon } from './icons.js';
import { Since } from './timer.js';
import { caller, phoneNumber } from './words.js';
import { t } from '../i18n/index.js';

const Party = ({ role, name, icon, hears, at, tone, children }) => html`<li class=${`party tone-${tone}`}>
  <${Icon} name=${icon} />
  <div class="party-text"><span class="party-who"><strong title=${name}>${name}</strong> <span class="hint">${role}</span></span>
    <span>${hears}${at && html`, <${Since} at=${at} label=${hears} />`}</span></div>
  ${children}
</li>`;

export function Consulting() {
  const { agent } = usePanel().state;
  const { call } = agent;
  const { act, busy, problem } = useCommands();
  const how = call.consult?.state ?? 'ringing';
  const heard = how === 'ringing' && !call.rings ? 'reaching' : how;
  const alone = how === 'alone';
  const held = call.holding.includes('target');
  return html`<section class="card consulting" aria-label=${t('state.consulting')}>
    <ul class="parties">
      <${Party} role=${t('consult.customer')} name=${caller(call)} tone=${alone ? 'lost' : 'hold'} icon=${alone ? 'end' : 'music'}
        hears=${t(alone ? 'consult.customer.left' : 'consult.customer.music')} />
      <${Party} role=${t('consult.target')} name=${call.consult?.target_name || phoneNumber(call.consult?.target ?? '')} at=${call.since}
        tone=${how === 'ringing' ? 'ringing' : 'talking'} icon=${how === 'ringing' ? 'phone' : held ? 'music' : 'talk'} hears=${t(held ? 'holding.target' : `consult.target.${heard}`)}>
        <${Button} busy=${busy('cancel')} why=${agent.allowed_actions.includes('consult/cancel') ? undefined : t('not_now')}
          data-means=${how} title=${t(alone ? 'consult.cancel_ends' : 'consult.cancel_holds')} onClick=${() => act('cancel')}>${t('cancel')}<//>
      <//>
    </ul>
    <p class="hint">${t(how === 'ringing' ? 'consult.connect_early' : `consult.hang_up.${how}`)}</p>
    <${Refused} problem=${problem} />
  </section>`;
}
