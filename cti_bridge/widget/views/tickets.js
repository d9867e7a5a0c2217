/** The agent's own tickets, newest first. */
import { html } from '../vendor/preact-htm.js';
import { IconButton, Refused } from './controls.js';
import { useCommands, usePanel } from './hooks.js';
import { News, useSteady } from './steady.js';
import { named, phoneNumber, serviceName, when } from './words.js';
import { t } from '../i18n/index.js';

const idOf = (ticket) => ticket.ticket_id;

/** `ofOne`: they are all of the same number, which needs no saying. */
export function TicketLines({ tickets, ofOne }) {
  const { settings, drafts } = usePanel().state;
  const { act, problem } = useCommands();
  const open = async (id) => {
    if (await act('openTicket', id)) act('closeTickets');
  };
  return html`<ul class="lines">${tickets.map((one) => html`<li key=${one.ticket_id}>
      <button type="button" tabindex="0" class="line" onClick=${() => open(one.ticket_id)}>
        <span class="line-main"><strong>${ofOne ? when(one.created_at) : phoneNumber(one.customer_number)}</strong>
          <span class="hint">${serviceName(settings, one.service)}${!ofOne && ` · ${when(one.created_at)}`}${drafts[one.ticket_id] && ` · ${t('ticket.draft')}`}</span></span>
        <span class=${`chip chip-${one.status}`}>${named('ticket.status', one.status)}</span>
      </button></li>`)}</ul>
    <${Refused} problem=${problem} />`;
}

export function Tickets() {
  const { ticketList } = usePanel().state;
  const { act } = useCommands();
  const { rows, news, take, within } = useSteady(ticketList, idOf);
  return html`<section class="card" aria-label=${t('tickets.mine')} ...${within}>
    <header class="part-head"><h2>${t('tickets.mine')}</h2>
      <${IconButton} icon="close" name=${t('tickets.close')} onClick=${() => act('closeTickets')} /></header>
    <${News} count=${news} take=${take} />
    ${rows.length === 0 ? html`<p class="hint">${t('tickets.none')}</p>` : html`<${TicketLines} tickets=${rows} />`}
  </section>`;
}
