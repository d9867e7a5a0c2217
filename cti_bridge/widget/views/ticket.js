/** The ticket in front: that of the call, which opens by itself when the customer is connected, or another one. */
import { html } from '../vendor/preact-htm.js';
import { Comment } from './comment.js';
import { Button, IconButton, Refused } from './controls.js';
import { useCommands, usePanel } from './hooks.js';
import { Icon } from './icons.js';
import { named, phoneNumber, serviceName, when } from './words.js';
import { isOther, orphan } from '../state/front.js';
import { t } from '../i18n/index.js';

export const Chip = ({ status }) => html`<span class=${`chip chip-${status}`}>${named('ticket.status', status)}</span>`;

/** `later` has what is loaded behind the first view, once it is there. */
export function Ticket({ later }) {
  const { state } = usePanel();
  const { ticket } = state;
  const { act, busy } = useCommands();
  const orphaned = orphan(state);
  if (orphaned) return later && html`<${later.orphan} ...${orphaned} />`;
  // The comment keeps its place while the ticket opens around it.
  return html`<section class="card ticket" aria-label=${t('ticket.title')}>
    ${isOther(state) && html`<${NotOfThisCall} key="other" />`}
    <header class="part-head" key="head"><h2>${t('ticket.title')} ${ticket && html`<${Chip} status=${ticket.status} />`}</h2>
      <${IconButton} icon="close" name=${t('ticket.close')} busy=${busy('closeTicket')} onClick=${() => act('closeTicket')} /></header>
    <${Comment} key="comment" />
    ${ticket ? html`<${About} key=${`about ${ticket.ticket_id}`} />${later && html`<${later.events} key="events" ticket=${ticket} /><${later.history} key="history" />`}`
      : html`<p class="hint" key="none">${t('ticket.none_yet')}</p>`}
  </section>`;
}

function About() {
  const { ticket, ticketLink, settings } = usePanel().state;
  return html`<${Outcomes} />
    <p class="ticket-number">${phoneNumber(ticket.customer_number)}</p>
    <dl class="facts">
      <div><dt>${t('call.service')}</dt><dd>${serviceName(settings, ticket.service)}</dd></div>
      <div><dt>${t('ticket.owner')}</dt><dd>${ticket.owner_name || ticket.owner}</dd></div>
      <div><dt>${t('ticket.opened')}</dt><dd><time datetime=${ticket.created_at}>${when(ticket.created_at)}</time></dd></div>
    </dl>
    ${ticketLink && html`<a class="link" href=${ticketLink} target="_blank" rel="noopener noreferrer">${t('ticket.outside')}</a>`}`;
}

/** It was opened, or is being written in, while a call is there. */
function NotOfThisCall() {
  const { act, busy } = useCommands();
  return html`<div class="banner warning" role="status"><${Icon} name="warn" /><span>${t('ticket.other')}</span>
    <${Button} kind="small" busy=${busy('backToCall')} onClick=${() => act('backToCall')}>${t('ticket.back')}<//></div>`;
}

/** Resolved, Pending. Where somebody else was faster, the newest is shown with the refusal, and the agent decides anew. */
function Outcomes() {
  const { ticket } = usePanel().state;
  const { act, problem, busy } = useCommands();
  const set = (status) => act('setTicketStatus', ticket.ticket_id, status, ticket.version);
  const one = (status, icon) => html`<${Button} icon=${icon} aria-pressed=${String(ticket.status === status)} kind=${`chip-button chip-${status}`}
    busy=${busy('setTicketStatus')} onClick=${() => ticket.status === status || set(status)}>${named('ticket.status', status)}<//>`;
  return html`<div class="actions two" role="group" aria-label=${t('ticket.set')}>${one('resolved', 'check')}${one('pending', 'hold')}</div>
    ${ticket.status !== 'open' && html`<${Button} kind="quiet small" busy=${busy('setTicketStatus')} onClick=${() => set('open')}>${t('ticket.reopen')}<//>`}
    <${Refused} problem=${problem} />`;
}
