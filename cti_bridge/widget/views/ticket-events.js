/** What happened, in words with times, oldest first. */
import { html } from '../vendor/preact-htm.js';
import { Spinner } from './controls.js';
import { usePanel } from './hooks.js';
import { spent } from './timer.js';
import { named, phoneNumber, when } from './words.js';
import { t, tOr } from '../i18n/index.js';

/** Who owns the ticket has the call. What is said of "you" is only true for that agent. */
function how({ outcome, ended_by }, { mine, name }) {
  const by = outcome === 'completed' && ended_by;
  const usual = by ? named('ended_by', ended_by) : named('outcome', outcome);
  return mine ? usual : tOr(by ? `event.ended_by.${ended_by}` : `event.outcome.${outcome}`, usual, { name });
}

function call({ talked_s, event, ...rest }, about) {
  if (event !== 'ended') return tOr(`event.${event}${rest.party ? `.${rest.party}` : ''}`, named('event', event), rest);
  const words = how(rest, about);
  return talked_s ? t('event.ended_after', { how: words, time: spent(Number(talked_s)) }) : t('event.ended', { how: words });
}

const WORDS = {
  opened: (detail) => t(detail.direction === 'outbound' ? 'event.opened_outbound' : 'event.opened'),
  owner_changed: (detail, { nameOf }) => t('event.owner_changed', { owner: nameOf(detail.owner) }),
  participant_added: (detail, { nameOf }) =>
    t('event.participant_added', { who: nameOf(detail.participant ?? detail.cti_id ?? '') }),
  status_changed: (detail) => t('event.status_changed', { status: named('ticket.status', detail.to) }),
  call_event: call,
  force_disconnected: (detail) => t('event.force_disconnected', { reason: named('force_reason', detail.reason) }),
};

function Happened({ event, about }) {
  const { type, detail, by, at } = event;
  const said = type === 'commented' ? detail.text : detail.note;
  return html`<li class=${`event ${type === 'commented' ? 'event-comment' : ''}`}>
    <p><span>${type === 'commented' ? t('event.commented') : WORDS[type]?.(detail, about) ?? named('event', type)}</span>
      <span class="hint">${by === 'system' ? '' : `${about.nameOf(by)} · `}<time datetime=${at}>${when(at)}</time></span></p>
    ${said && html`<p class="said">${said}</p>`}
  </li>`;
}

/** By each event: whose ticket it was then, and the agents' names. */
function* withOwners({ events, names = {} }, me) {
  const nameOf = (who) => names[who] ?? phoneNumber(who);
  let owner = '';
  for (const event of events ?? []) {
    owner = event.detail?.owner ?? owner;
    yield { event, about: { nameOf, name: nameOf(owner), mine: owner === me } };
  }
}

export const TicketEvents = ({ ticket }) => html`<section class="part" aria-label=${t('ticket.events')}>
  <h3>${t('ticket.events')}</h3>
  <ol class="events">${[...withOwners(ticket, usePanel().state.agent.cti_id)].map(({ event, about }) =>
    html`<${Happened} key=${event.version} event=${event} about=${about} />`)}</ol>
  ${ticket.complete === false && !ticket.events?.length && html`<${Spinner} />`}
</section>`;
