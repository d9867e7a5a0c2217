/** Earlier tickets of the same number. */
import { html } from '../vendor/preact-htm.js';
import { usePanel } from './hooks.js';
import { More, TicketLines } from './ticket-lines.js';
import { t } from '../i18n/index.js';

export function History() {
  const { history, historyMore, ticket } = usePanel().state;
  if (!ticket.customer_number) return html`<section class="part"><h3>${t('ticket.earlier')}</h3><p class="hint">${t('number.withheld.earlier')}</p></section>`;
  const earlier = history && history.filter((one) => one.ticket_id !== ticket.ticket_id);
  return html`<section class="part" aria-label=${t('ticket.earlier')}>
    <h3>${t('ticket.earlier')}</h3>
    ${earlier?.length ? html`<${TicketLines} tickets=${earlier} ofOne />`
      : earlier !== null && html`<p class="hint">${t(earlier ? 'ticket.no_earlier' : 'ticket.earlier_unknown')}</p>`}
    ${earlier && html`<${More} count=${earlier.length} there=${historyMore} command="moreHistory" />`}
  </section>`;
}
