/** A consultation: who hears what, and the two ways out of it. */
import { html } from '../vendor/preact-htm.js';
import { Button, Refused } from './controls.js';
import { HangUp } from './actions.js';
import { useCommands, usePanel } from './hooks.js';
import { Icon } from './icons.js';
import { NextStatus } from './status.js';
import { Since } from './timer.js';
import { caller, phoneNumber } from './words.js';
import { t } from '../i18n/index.js';

const Party = ({ role, name, icon, hears, at, tone }) => html`<li class=${`party tone-${tone}`}>
  <${Icon} name=${icon} />
  <div class="party-text"><span class="hint">${role}</span><strong title=${name}>${name}</strong><span>${hears}</span></div>
  ${at && html`<${Since} at=${at} label=${hears} />`}
</li>`;

export function Consulting() {
  const { agent } = usePanel().state;
  const { call } = agent;
  const { act, busy, problem } = useCommands();
  const how = call.consult?.state ?? 'ringing';
  const alone = how === 'alone';
  const may = (action) => agent.allowed_actions.includes(action);
  const whyNot = alone ? t('problem.customer_left') : t('not_now');
  return html`<section class="card consulting" aria-label=${t('state.consulting')}>
      <ul class="parties">
        <${Party} role=${t('consult.customer')} name=${caller(call)} tone=${alone ? 'lost' : 'hold'} icon=${alone ? 'end' : 'music'}
          hears=${t(alone ? 'consult.customer.left' : 'consult.customer.music')} />
        <${Party} role=${t('consult.target')} name=${call.consult?.target_name || phoneNumber(call.consult?.target ?? '')} at=${call.since}
          tone=${how === 'ringing' ? 'ringing' : 'talking'} icon=${how === 'ringing' ? 'phone' : 'talk'}
          hears=${t(`consult.target.${how}`)} />
      </ul>
      ${how === 'ringing' && html`<p class="hint">${t('consult.connect_early')}</p>`}
      <${Button} icon="transfer" kind="primary wide" busy=${busy('connect')} why=${may('consult/connect') ? undefined : whyNot}
        onClick=${() => act('connect')}>${t('consult.connect')}<//>
      <${Button} icon="close" kind="wide" busy=${busy('cancel')} why=${may('consult/cancel') ? undefined : t('not_now')}
        title=${t(alone ? 'consult.cancel_ends' : 'consult.cancel_holds')} onClick=${() => act('cancel')}>${t('cancel')}<//>
      <${Refused} problem=${problem} />
      <div class="actions end"><${HangUp} agent=${agent} act=${act} busy=${busy} kind=${alone ? 'danger wide' : 'danger-text'}
        title=${t(`consult.hang_up.${how}`)} /></div>
    </section>
    <${NextStatus} />`;
}
