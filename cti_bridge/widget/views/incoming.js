/** A call is offered: it blinks until it is answered, declined or over. Cancel and Answer are in the dock. */
import { html } from '../vendor/preact-htm.js';
import { usePanel } from './hooks.js';
import { Caller } from './party.js';
import { Ring, Waited } from './timer.js';
import { t } from '../i18n/index.js';

/** A colleague asks, or hands a call over. */
const KIND = { consult_ringing: 'incoming.consult', transfer_ringing: 'incoming.transfer', internal_ringing: 'incoming.internal' };

function kindOf({ state, asked_by: name }) {
  const kind = KIND[state] ?? 'incoming.title';
  return name && KIND[state] ? t(`${kind}.by`, { name }) : t(kind);
}

export function Incoming() {
  const { agent } = usePanel().state;
  const { call, offer } = agent;
  const ringing = agent.state === 'ringing' && offer;
  const waiting = call.direction !== 'inbound' ? null
    : html`<${Waited} seconds=${call.waited_s} label=${t('call.waited')} />`;
  return html`<section class=${`card incoming ${ringing ? 'blinking' : ''}`} aria-label=${t('incoming.title')}>
    <${Caller} all call=${call} waited=${waiting} eyebrow=${kindOf(call)}
      aside=${ringing && html`<${Ring} from=${agent.since} at=${offer.expires_at} label=${t('incoming.left')} />`} />
  </section>`;
}
