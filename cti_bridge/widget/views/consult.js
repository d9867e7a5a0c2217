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

/** By how it stands with the target: tone and icon of the customer's row, and what the customer hears. */
const CUSTOMER = {
  alone: ['lost', 'end', 'consult.customer.left'], held: ['talking', 'talk', 'consult.target.talking'], joined: ['talking', 'talk', 'consult.hears_both'],
};
/** The same of the target's row. */
const TARGET = {
  ringing: ['ringing', 'phone', 'consult.target.ringing'], reaching: ['ringing', 'phone', 'consult.target.reaching'],
  held: ['hold', 'music', 'consult.customer.music'], joined: ['talking', 'talk', 'consult.hears_customer'],
};
const CANCELS = { alone: 'consult.cancel_ends', held: 'consult.cancel_talks' };

export function Consulting() {
  const { agent } = usePanel().state;
  const { call } = agent;
  const { act, busy, problem } = useCommands();
  const how = call.consult?.state ?? 'ringing';
  const joined = how === 'joined';
  const name = call.consult?.target_name || phoneNumber(call.consult?.target ?? '');
  const holds = (party) => call.holding.includes(party);
  const customer = CUSTOMER[how] ?? ['hold', 'music', 'consult.customer.music'];
  const target = TARGET[how === 'ringing' && !call.rings ? 'reaching' : how] ?? ['talking', 'talk', 'consult.target.talking'];
  const may = (action) => (agent.allowed_actions.includes(action) ? undefined : t('not_now'));
  const row = (party, [tone, icon, hears]) => holds(party) && tone === 'talking'
    ? { tone, icon: 'music', hears: t('holding.target') } : { tone, icon, hears: t(hears, { name }) };
  return html`<section class="card consulting" aria-label=${t(joined ? 'state.three' : 'state.consulting')}>
    <ul class="parties">
      <${Party} role=${t('consult.customer')} name=${caller(call)} ...${row('customer', customer)} at=${joined && call.since}>
        ${(how === 'talking' || how === 'held') && html`<${Button} icon="plus" busy=${busy('joinAll')} why=${may('consult/join')}
          data-means=${how} title=${t('consult.join_hint')} onClick=${() => act('joinAll')}>${t('consult.join')}<//>`}
      <//>
      <${Party} role=${t('consult.target')} name=${name} at=${!joined && call.since} ...${row('target', target)}>
        ${joined ? html`<${Button} busy=${busy('takeOut')} why=${may('consult/remove')} data-means=${how}
            onClick=${() => act('takeOut', 'target')}>${t('consult.take_out')}<//>`
          : html`<${Button} busy=${busy('cancel')} why=${may('consult/cancel')} data-means=${how}
            title=${t(CANCELS[how] ?? 'consult.cancel_holds')} onClick=${() => act('cancel')}>${t('cancel')}<//>`}
      <//>
    </ul>
    <p class="hint">${t(how === 'ringing' ? 'consult.connect_early' : `consult.hang_up.${how}`, { name })}</p>
    <${Refused} problem=${problem} />
  </section>`;
}
