/** What happened, in words with times, oldest first. */
import { html } from '../vendor/preact-htm.js';
import { Spinner } from './controls.js';
import { spent } from './timer.js';
import { named, when } from './words.js';
import { t, tOr } from '../i18n/index.js';

function call({ outcome, ended_by, talked_s, event, ...rest }) {
  if (event !== 'ended') return tOr(`event.${event}`, named('event', event), rest);
  const how = outcome === 'completed' && ended_by ? named('ended_by', ended_by) : named('outcome', outcome);
  return talked_s ? t('event.ended_after', { how, time: spent(Number(talked_s)) }) : t('event.ended', { how });
}

const WORDS = {
  opened: (detail) => t(detail.direction === 'outbound' ? 'event.opened_outbound' : 'event.opened'),
  owner_changed: (detail) => t('event.owner_changed', { owner: detail.owner }),
  participant_added: (detail) => t('event.participant_added', { who: detail.participant ?? detail.cti_id ?? '' }),
  status_changed: (detail) => t('event.status_changed', { status: named('ticket.status', detail.to) }),
  call_event: call,
  force_disconnected: (detail) => t('event.force_disconnected', { reason: named('force_reason', detail.reason) }),
};

function Happened({ event }) {
  const { type, detail, by, at } = event;
  const said = type === 'commented' ? detail.text : detail.note;
  return html`<li class=${`event ${type === 'commented' ? 'event-comment' : ''}`}>
    <p><span>${type === 'commented' ? t('event.commented') : WORDS[type]?.(detail) ?? named('event', type)}</span>
      <span class="hint">${by === 'system' ? '' : `${by} · `}<time datetime=${at}>${when(at)}</time></span></p>
    ${said && html`<p class="said">${said}</p>`}
  </li>`;
}

export const TicketEvents = ({ ticket }) => html`<section class="part" aria-label=${t('ticket.events')}>
  <h3>${t('ticket.events')}</h3>
  <ol class="events">${ticket.events?.map((event) => html`<${Happened} key=${event.version} event=${event} />`)}</ol>
  ${ticket.complete === false && !ticket.events?.length && html`<${Spinner} />`}
</section>`;
