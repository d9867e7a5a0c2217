/** Lines of tickets in a list, and how one gets to those behind them. */
import { html } from '../vendor/preact-htm.js';
import { Button, Refused } from './controls.js';
import { useCommands, usePanel } from './hooks.js';
import { named, phoneNumber, serviceName, when } from './words.js';
import { t } from '../i18n/index.js';

/** `ofOne`: they are all of the same number, which needs no saying. */
export function TicketLines({ tickets, ofOne }) {
  const { settings, drafts, agent } = usePanel().state;
  const ownerOf = (one) => one.owner !== agent.cti_id && ` · ${one.owner_name || one.owner}`;
  const { act, problem } = useCommands();
  return html`<ul class="lines">${tickets.map((one) => html`<li key=${one.ticket_id}>
      <button type="button" tabindex="0" class="line" onClick=${() => act('openTicket', one.ticket_id)}>
        <span class="line-main"><strong>${ofOne ? when(one.created_at) : phoneNumber(one.customer_number)}</strong>
          <span class="hint">${serviceName(settings, one.service)}${!ofOne && ` · ${when(one.created_at)}`}${ownerOf(one)}${drafts[one.ticket_id] && ` · ${t('ticket.draft')}`}</span></span>
        <span class=${`chip chip-${one.status}`}>${named('ticket.status', one.status)}</span>
      </button></li>`)}</ul>
    <${Refused} problem=${problem} />`;
}

/** That there is more, and how one gets there. */
export function More({ count, there, command }) {
  const { act, busy, problem } = useCommands();
  return html`${there && html`<p class="hint" role="status">${t('lists.newest', { count })}</p>
    <${Button} kind="wide" busy=${busy(command)} onClick=${() => act(command)}>${t('lists.more')}<//>`}
    <${Refused} problem=${problem} />`;
}
