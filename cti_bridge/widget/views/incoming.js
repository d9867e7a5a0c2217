/** A call is offered: it blinks until it is answered, declined or over. */
import { html } from '../vendor/preact-htm.js';
import { Button, Refused } from './controls.js';
import { useCommands, usePanel } from './hooks.js';
import { Caller, Facts } from './party.js';
import { Ring, Waited } from './timer.js';
import { Icon } from './icons.js';
import { t } from '../i18n/index.js';

/** A colleague asks, or hands a call over. */
const KIND = { consult_ringing: 'incoming.consult', transfer_ringing: 'incoming.transfer' };

export function Incoming() {
  const { agent } = usePanel().state;
  const { call, offer } = agent;
  const { act, busy, problem } = useCommands();
  const ringing = agent.state === 'ringing' && offer;
  const kind = t(KIND[call.state] ?? 'incoming.title');
  const waiting = call.direction === 'outbound' ? null
    : html`<${Waited} seconds=${call.waited_s} label=${t('call.waited')} />`;
  return html`<section class=${`card incoming ${ringing ? 'blinking' : ''}`} aria-label=${t('incoming.title')}>
    <div class="incoming-top">
      <div><p class="eyebrow">${kind}</p><${Caller} call=${call} /></div>
      ${ringing && html`<${Ring} from=${agent.since} at=${offer.expires_at} label=${t('incoming.left')} />`}
    </div>
    <${Facts} call=${call} waited=${waiting} />
    ${ringing ? html`<${Choices} act=${act} busy=${busy} />` : html`<p class="waiting" role="status"><span class="spinner"></span>${t('incoming.connecting')}</p>`}
    <${Refused} problem=${problem} />
  </section>`;
}

function Choices({ act, busy }) {
  const { agent, canAnswer } = usePanel().state;
  const onPhone = agent.answer === 'phone';
  const why = canAnswer ? undefined : t('incoming.not_yet');
  const cancel = agent.allowed_actions.includes('decline') ? undefined : t('not_now');
  return html`${onPhone && html`<p class="lift"><${Icon} name="phone" />${t('incoming.lift')}</p>`}
    <div class="actions two">
      ${!onPhone && html`<${Button} icon="phone" kind="primary go" keys="Alt+A" why=${why} busy=${busy('answer')}
        onClick=${() => act('answer')}>${t('answer')}<//>`}
      <${Button} icon="close" keys="Alt+X" why=${cancel} busy=${busy('decline')} onClick=${() => act('decline')}>${t('cancel')}<//>
    </div>`;
}
