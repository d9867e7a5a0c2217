/** Lists of tickets, newest first: the agent's own and those of their services, searched by number, id and status. */
import { html, useState } from '../vendor/preact-htm.js';
import { Button, Field, IconButton, Refused } from './controls.js';
import { useAnswer, useCommands, usePanel, useSettled } from './hooks.js';
import { News, useSteady } from './steady.js';
import { More, TicketLines } from './ticket-lines.js';
import { named } from './words.js';
import { NO_FILTER } from '../state/reducer.js';
import { t } from '../i18n/index.js';

const idOf = (ticket) => ticket.ticket_id;

const SHORT = 5;
const TYPING_MS = 300;

export function Tickets() {
  const { store, state } = usePanel();
  const { ticketList, ticketFilter } = state;
  const { act } = useCommands();
  const [filter, setFilter] = useState(ticketFilter);
  const wanted = useSettled(filter, TYPING_MS);
  // What the list shows already is not asked for again.
  const [, problem, again] = useAnswer(async () => wanted === store.state.ticketFilter || store.commands.listTickets(wanted), wanted);
  const change = (name) => (event) => setFilter({ ...filter, [name]: event.target.value });
  const title = t(ticketFilter.whose === 'mine' ? 'tickets.mine' : 'tickets.all');
  return html`<section class="card" aria-label=${title} aria-busy=${String(wanted !== ticketFilter && !problem)}>
    <header class="part-head"><h2>${title}</h2>
      <${IconButton} icon="close" name=${t('tickets.close')} local onClick=${() => act('closeTickets')} /></header>
    <${Field} label=${t('tickets.search')} type="search" value=${filter.text} autocomplete="off" maxlength="128"
      onInput=${(event) => setFilter({ ...filter, text: event.target.value.trim() })} />
    ${(ticketList.length >= SHORT || filter !== NO_FILTER) && html`<div class="actions two">
      <${Choice} label=${t('tickets.status')} of=${['', 'open', 'pending', 'resolved']} chosen=${filter.status} onChange=${change('status')}
        word=${(one) => (one ? named('ticket.status', one) : t('tickets.status.any'))} />
      <${Choice} label=${t('tickets.whose')} of=${['mine', 'all']} chosen=${filter.whose} onChange=${change('whose')} word=${(one) => t(`tickets.whose.${one}`)} /></div>`}
    <${Refused} problem=${problem} />
    ${problem && html`<${Button} kind="small" onClick=${again}>${t('phone.retry')}<//>`}
    <${Rows} key=${JSON.stringify(ticketFilter)} />
  </section>`;
}

const Choice = ({ label, of, chosen, onChange, word }) => html`<${Field} as="select" label=${label} value=${chosen} onChange=${onChange}>
  ${of.map((one) => html`<option value=${one} key=${one} selected=${one === chosen}>${word(one)}</option>`)}<//>`;

/** Another filter makes another list. */
function Rows() {
  const { ticketList, ticketMore, ticketFilter: { text, status, whose }, ticketPages } = usePanel().state;
  const { rows, news, take, within } = useSteady(ticketList, idOf, ticketPages);
  const none = text || status ? `tickets.none_found.${whose}` : 'tickets.none';
  return html`<div class="steady" ...${within}><${News} count=${news} take=${take} />
    ${rows.length === 0 ? html`<p class="hint" role="status">${t(none)}</p>` : html`<${TicketLines} tickets=${rows} />`}
    <${More} count=${rows.length} there=${ticketMore} command="moreTickets" /></div>`;
}
