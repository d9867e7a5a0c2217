/**
 * Lists of tickets: one's own or all of one's services, as they are searched for, and the earlier ones of a number. The
 * server gives a page at a time. What is shown is never said to be all while there is more.
 */

import { AGAIN, NO_FILTER } from './reducer.js';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export class TicketLists {
  /** The newest question; an answer to an older one is dropped. */
  #asked = 0;

  /** @param {import('./store.js').Store} store @param {import('../net/api.js').Api} api */
  constructor(store, api) {
    this.store = store;
    this.api = api;
  }

  get commands() {
    return {
      listTickets: (filter = NO_FILTER) => this.#list(filter),
      moreTickets: () => this.#more(),
      closeTickets: async () => this.close(),
      moreHistory: () => this.#moreHistory(),
    };
  }

  /** @returns {Promise<object>} `{history, historyMore}` of a number */
  async historyOf(number) {
    const { rows, cursor } = await this.api.page('tickets', { number });
    return { history: rows, historyMore: cursor };
  }

  async #list(filter) {
    const asked = (this.#asked += 1);
    const { rows, cursor } = await this.#page(filter);
    if (asked !== this.#asked) return;
    this.store.change({ ticketList: rows, ticketMore: cursor, ticketFilter: filter, ticketPages: 1 });
  }

  async #more() {
    const { ticketList: before, ticketMore, ticketFilter: filter } = this.store.state;
    if (!before || !ticketMore) return;
    const asked = this.#asked;
    let [list, cursor] = ticketMore === AGAIN ? [[], undefined] : [before, ticketMore];
    do {
      const page = await this.#page(filter, cursor);
      list = [...list, ...page.rows];
      cursor = page.cursor;
    } while (cursor && list.length <= before.length);
    const { ticketList: present, ticketPages } = this.store.state;
    if (asked !== this.#asked || !present) return;
    this.store.change({ ticketList: joined(present, list), ticketMore: cursor, ticketPages: ticketPages + 1 });
  }

  close() {
    this.#asked += 1;
    this.store.change({ ticketList: null, ticketMore: null, ticketFilter: NO_FILTER });
  }

  async #moreHistory() {
    const { ticket, historyMore } = this.store.state;
    if (!historyMore) return;
    const { rows, cursor } = await this.api.page('tickets', { number: ticket.customer_number, cursor: historyMore });
    const { history, historyMore: present } = this.store.state;
    if (present !== historyMore || !history) return;
    this.store.change({ history: joined(history, rows), historyMore: cursor });
  }

  #page({ text, status, whose }, cursor) {
    const owner = whose === 'mine' ? this.store.state.agent?.cti_id : undefined;
    const searched = UUID.test(text) ? { id: text } : { number: text };
    return this.api.page('tickets', { owner, status, ...searched, cursor });
  }
}

/** Rows that are there stay, as they are now; the others come behind them. */
function joined(present, list) {
  const known = new Set(present.map((one) => one.ticket_id));
  return [...present, ...list.filter((one) => !known.has(one.ticket_id))];
}
