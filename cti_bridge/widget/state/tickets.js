/**
 * The ticket on the screen, the earlier ones of its customer, and the list of one's own.
 *
 * The server announces tickets by a line; the rest is read over HTTP when a ticket is shown. The shown ticket's id is
 * kept in the history entry of the page, so that a reload shows it again.
 */

import { ProblemError } from '../net/problem.js';
import { id } from './commands.js';
import { sameCustomer } from './reducer.js';

const KEY = 'cti-ticket';
const RETRY_MS = 2_000;
const HISTORY_RETRY_MS = 10_000;

/** The address of a ticket in another system: `{name}` in the template becomes the ticket's field, escaped.
 * @param {string} template @param {Record<string, unknown>} fields @returns {string|null} null without a template,
 * or when what comes out is no web address */
export function ticketUrl(template, fields) {
  if (!template) return null;
  const address = template.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(fields[name] ?? ''));
  try {
    const url = new URL(address, location.href);
    return url.protocol === 'https:' || url.protocol === 'http:' ? url.href : null;
  } catch {
    return null;
  }
}

export class Tickets {
  #loading = '';
  #retry = 0;
  #historyRetry = 0;
  #shownId = null;
  #callsId = null;
  #opening = null;

  /** @param {import('./store.js').Store} store @param {import('../net/api.js').Api} api */
  constructor(store, api) {
    this.store = store;
    this.api = api;
  }

  get commands() {
    return {
      openTicket: (ticketId) => this.open(ticketId),
      closeTicket: async () => this.#show(null),
      listTickets: () => this.#list(),
      closeTickets: async () => this.store.change({ ticketList: null }),
      setTicketStatus: async (ticketId, status, version) =>
        this.#write('PATCH', `tickets/${id(ticketId)}`, { status, version }, ticketId),
      addComment: async (ticketId, text) => this.#write('POST', `tickets/${id(ticketId)}/comments`, { text }, ticketId),
    };
  }

  /** After each change of the state: reads what the shown ticket lacks. */
  follow(state) {
    const ticket = state.ticket;
    this.#remember(ticket?.ticket_id ?? null);
    this.#openCalls(state);
    if (!ticket || ticket.complete) return;
    const wanted = `${ticket.ticket_id}:${ticket.version}`;
    if (wanted !== this.#loading) this.#read(wanted, ticket.ticket_id, ticket.events.length === 0);
  }

  /** A call that a colleague hands over brings its ticket along, which was announced to that colleague only. */
  #openCalls(state) {
    const ticketId = state.agent?.offer ? null : (state.agent?.call?.ticket_id ?? null);
    if (ticketId === this.#callsId) return;
    this.#callsId = ticketId;
    if (ticketId) this.restore(state);
  }

  /** After a reload or a new snapshot: the call's ticket, else the one that was on the screen. */
  async restore(state) {
    const ticketId = state.agent?.call?.ticket_id ?? (state.ticket ? null : history.state?.[KEY]);
    if (!ticketId || ticketId === state.ticket?.ticket_id || ticketId === this.#opening) return;
    this.#opening = ticketId;
    try {
      await this.open(ticketId);
    } catch {
      // A convenience only: the list has every ticket.
    } finally {
      this.#opening = null;
    }
  }

  async open(ticketId) {
    const { ticket } = await this.api.get(`tickets/${id(ticketId)}`);
    this.#show(ticket);
    await this.#readHistory(ticket);
  }

  forget() {
    clearTimeout(this.#retry);
    clearTimeout(this.#historyRetry);
    this.#loading = '';
    this.#shownId = this.#callsId = null;
    remember(null);
  }

  /** Only a change of what is shown counts: at first nothing is, and the entry still has to be read. */
  #remember(ticketId) {
    if (ticketId === this.#shownId) return;
    this.#shownId = ticketId;
    remember(ticketId);
  }

  async #list() {
    const tickets = await this.api.get('tickets', { owner: this.store.state.agent?.cti_id });
    this.store.change({ ticketList: tickets });
  }

  async #write(method, path, body, ticketId) {
    try {
      const { ticket } = await this.api.write(method, path, body);
      this.#renew(ticket);
    } catch (problem) {
      if (problem.code === 'version_conflict') await this.#refresh(ticketId);
      throw problem;
    }
  }

  async #refresh(ticketId) {
    const { ticket } = await this.api.get(`tickets/${id(ticketId)}`);
    this.#renew(ticket);
  }

  /** Answers can overtake each other: an older version than the one shown is not taken. */
  #renew(ticket) {
    const state = this.store.state;
    const shown = state.ticket;
    const line = lineOf(ticket);
    const older = (one) => one.ticket_id === line.ticket_id && one.version <= line.version;
    const renewed = (list) => list.map((one) => (older(one) ? line : one));
    const [ticketList, history] = [state.ticketList, state.history].map((list) => list && renewed(list));
    const change = { ticketList, history };
    if (shown?.ticket_id === ticket.ticket_id && ticket.version >= shown.version) {
      change.ticket = { ...ticket, complete: true };
    }
    this.store.change(change);
  }

  #show(ticket) {
    const state = this.store.state;
    const same = sameCustomer(state.ticket, ticket);
    this.store.change({
      ticket: ticket && { ...ticket, complete: true },
      history: same ? state.history : null,
      ticketLink: ticket && ticketUrl(state.settings?.ticket_url ?? '', { ...ticket, cti_id: state.agent?.cti_id }),
    });
  }

  async #read(wanted, ticketId, withHistory) {
    this.#loading = wanted;
    try {
      await this.#refresh(ticketId);
      const shown = this.store.state.ticket;
      if (shown?.ticket_id !== ticketId) return;
      if (!shown.complete) this.#later(wanted);
      if (withHistory) await this.#readHistory(shown);
    } catch (problem) {
      if (!(problem instanceof ProblemError)) throw problem;
      if (problem.status !== 404) this.#later(wanted);
    }
  }

  /** The storage may be away for a moment (503); the ticket's line is on the screen meanwhile. */
  #later(wanted) {
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => {
      if (this.#loading === wanted) this.#loading = '';
      this.follow(this.store.state);
    }, RETRY_MS);
  }

  /** The ticket itself is there meanwhile. Nobody knows who it was that withheld the number. */
  async #readHistory(ticket) {
    const number = ticket.customer_number;
    const found = number ? (await this.api.get('tickets', { number }).catch(() => null)) : false;
    const { ticket: shown, history } = this.store.state;
    if (shown?.ticket_id !== ticket.ticket_id) return;
    this.store.change({ history: found || history || false });
    clearTimeout(this.#historyRetry);
    if (found === null) this.#historyRetry = setTimeout(() => this.#readHistory(ticket), HISTORY_RETRY_MS);
  }
}

/** A ticket as it stands in lists. */
function lineOf({ events, comments, complete, ...line }) {
  return line;
}

function remember(ticketId) {
  if ((history.state?.[KEY] ?? null) === ticketId) return;
  history.replaceState({ ...history.state, [KEY]: ticketId }, '');
}
