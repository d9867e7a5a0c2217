/** The ticket of the call: it opens by itself when the customer is connected. */
import { html } from '../vendor/preact-htm.js';
import { Comment } from './comment.js';
import { Button, IconButton, Refused } from './controls.js';
import { History } from './history.js';
import { useCommands, usePanel } from './hooks.js';
import { TicketEvents } from './ticket-events.js';
import { named, phoneNumber, serviceName, when } from './words.js';
import { t } from '../i18n/index.js';

export const Chip = ({ status }) => html`<span class=${`chip chip-${status}`}>${named('ticket.status', status)}</span>`;

export function Ticket() {
  const { ticket, ticketLink, settings } = usePanel().state;
  const { act, problem, busy } = useCommands();
  return html`<section class="card ticket" aria-label=${t('ticket.title')}>
    <header class="part-head"><h2>${t('ticket.title')} <${Chip} status=${ticket.status} /></h2>
      <${IconButton} icon="close" name=${t('ticket.close')} busy=${busy('closeTicket')} onClick=${() => act('closeTicket')} /></header>
    <${Comment} key=${ticket.ticket_id} id=${ticket.ticket_id} />
    <${Outcomes} key=${ticket.ticket_id} />
    <${Refused} problem=${problem} />
    <p class="ticket-number">${phoneNumber(ticket.customer_number)}</p>
    <dl class="facts">
      <div><dt>${t('call.service')}</dt><dd>${serviceName(settings, ticket.service)}</dd></div>
      <div><dt>${t('ticket.owner')}</dt><dd>${ticket.owner}</dd></div>
      <div><dt>${t('ticket.opened')}</dt><dd><time datetime=${ticket.created_at}>${when(ticket.created_at)}</time></dd></div>
    </dl>
    ${ticketLink && html`<a class="link" href=${ticketLink} target="_blank" rel="noopener noreferrer">${t('ticket.outside')}</a>`}
    <${TicketEvents} ticket=${ticket} />
    <${History} />
  </section>`;
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
