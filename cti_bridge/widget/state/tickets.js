/**
 * The ticket on the screen, and the earlier ones of its customer.
 *
 * The server announces tickets by a line; the rest is read over HTTP when a ticket is shown. Which one stands in front
 * says `front.js`; this brings it there. The shown ticket's id is kept in the history entry of the page, so that a reload
 * shows it again.
 */

import { ProblemError } from '../net/problem.js';
import { id } from './commands.js';
import { placeOfCall } from './drafts.js';
import { isOther, isWriting, orphan } from './front.js';
import { TicketLists } from './lists.js';
import { sameCustomer } from './reducer.js';

const KEY = 'cti-ticket';
const RETRY_MS = 2_000;
const HISTORY_RETRY_MS = 10_000;
const CONNECTED = new Set(['talking', 'on_hold', 'consulting', 'reconnecting']);
const NOTHING = Object.freeze({ ticket: null, history: null, historyMore: null, ticketLink: null });

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

/** @param {object} ticket @param {object} state @returns {string|null} its address there, for the agent who looks at it */
export const linkOf = (ticket, { settings, agent }) =>
  ticketUrl(settings?.ticket_url ?? '', { ...ticket, cti_id: agent?.cti_id });

export class Tickets {
  #loading = '';
  #retry = 0;
  #historyRetry = 0;
  #shownId = null;
  #opening = null;
  #restoring = null;
  #step = '';
  #due = false;
  /** The call that was there last, the last one that was connected, and what stood in front before. */
  #lastCall = null;
  #talked = null;
  #before = null;

  /** @param {import('./store.js').Store} store @param {import('../net/api.js').Api} api */
  constructor(store, api) {
    this.store = store;
    this.api = api;
    this.lists = new TicketLists(store, api);
  }

  get commands() {
    return {
      openTicket: (ticketId) => this.open(ticketId),
      closeTicket: async () => this.#close(),
      backToCall: async () => this.#back(),
      ...this.lists.commands,
      setTicketStatus: (ticketId, status, version) => this.#setStatus(ticketId, status, version),
      writeComment: async (place, text) => this.#draft(place, text),
      writeIn: async (place) => this.store.change({ writing: place }),
      addComment: async (ticketId, text) => this.#comment(ticketId, text),
    };
  }

  /** After each change of the state: brings the right ticket to the front, and reads what it lacks. */
  follow(state) {
    this.#followDrafts(state);
    this.#followCall(this.store.state);
    const { ticket } = this.store.state;
    this.#remember(ticket?.ticket_id ?? null);
    if (!ticket || ticket.complete) return;
    const wanted = `${ticket.ticket_id}:${ticket.version}`;
    if (wanted !== this.#loading) this.#read(wanted, ticket.ticket_id, ticket.events.length === 0);
  }

  /**
   * The call's ticket comes to the front when a call begins, when its ticket is known, and when it is connected; as soon
   * as the agent has left the comment that they were writing. That it was announced to a colleague only, who hands the
   * call over, makes no difference.
   */
  #followCall(state) {
    const { agent } = state;
    if (!agent) return;
    const call = agent.call;
    const connected = call !== null && CONNECTED.has(agent.state);
    if (connected) this.#talked = call.call_id;
    const step = `${call?.call_id} ${call?.ticket_id} ${connected}`;
    if (step !== this.#step) {
      this.#step = step;
      this.#due = true;
    }
    if (!this.#due || isWriting(state)) return;
    this.#due = false;
    if (call) this.#toFront(call);
    else this.#afterCall(state);
  }

  #toFront({ call_id, ticket_id }) {
    const { ticket, closedFor } = this.store.state;
    this.#lastCall = call_id;
    if (ticket?.call_id === call_id) return;
    this.#before ??= ticket;
    if (ticket || closedFor) this.store.change({ ...NOTHING, closedFor: null });
    if (ticket_id) this.#bring(call_id, ticket_id);
  }

  /** An offer that came to nothing leaves the screen as it was before. */
  #afterCall({ ticket, agent }) {
    const [before, over] = [this.#before, this.#lastCall];
    this.#before = this.#lastCall = null;
    if (over === null || over === this.#talked) return;
    const strange = ticket?.call_id === over && ticket.owner !== agent.cti_id;
    if (ticket !== null && !strange) return;
    const shown = before && { ...before, complete: false };
    this.store.change({ ...NOTHING, ticket: shown, ticketLink: shown && linkOf(shown, this.store.state) });
  }

  /** The ticket of a call that goes on. Of another service it is not there for this agent. */
  async #bring(callId, ticketId) {
    if (this.#opening === ticketId) return;
    this.#opening = ticketId;
    let problem = null;
    try {
      const { ticket } = await this.api.get(`tickets/${id(ticketId)}`);
      if (this.#isAwaited(callId)) await this.#showWithHistory(ticket);
    } catch (refused) {
      problem = refused;
    } finally {
      this.#opening = null;
    }
    if (!problem || !this.#isAwaited(callId)) return;
    if (problem.status === 404) this.store.change({ closedFor: callId });
    else this.#bringLater(callId, ticketId);
  }

  #bringLater(callId, ticketId) {
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.#isAwaited(callId) && this.#bring(callId, ticketId), RETRY_MS);
  }

  /** The call is still there, and nothing else has come to the front. */
  #isAwaited(callId) {
    const { agent, ticket, closedFor } = this.store.state;
    return agent?.call?.call_id === callId && ticket === null && closedFor !== callId;
  }

  #back() {
    const { agent } = this.store.state;
    this.store.change({ ...NOTHING, closedFor: null, writing: null });
    if (agent?.call?.ticket_id) this.#bring(agent.call.call_id, agent.call.ticket_id);
  }

  #close() {
    const { agent } = this.store.state;
    if (isOther(this.store.state)) return this.#back();
    this.#show(null);
    this.store.change({ closedFor: agent?.call?.call_id ?? null, writing: null });
  }

  /** What was written for a call goes to its ticket, or to the next call of the number where it never got one. */
  #followDrafts({ agent, ticket, drafts }) {
    const call = agent?.call ?? null;
    for (const one of [ticket, call]) {
      const from = one?.ticket_id && placeOfCall(one.call_id);
      if (from && drafts[from]) this.#moveDraft(from, one.ticket_id);
    }
    if (!call || call.ticket_id || !call.customer_number) return;
    const place = placeOfCall(call.call_id);
    const isOfBefore = (one) => one.startsWith(placeOfCall('')) && one !== place;
    const earlier = Object.keys(drafts).find((one) => isOfBefore(one) && drafts[one].number === call.customer_number);
    if (earlier) this.#moveDraft(earlier, place);
  }

  #moveDraft(from, to) {
    if (this.store.state.writing === from) this.store.change({ writing: to });
    this.store.drafts.move(from, to);
  }

  /** After a reload: the ticket that was on the screen, unless there is a call. */
  async restore(state) {
    this.#findOrphans(state);
    const ticketId = state.agent?.call || state.ticket ? null : history.state?.[KEY];
    if (!ticketId || ticketId === this.#restoring) return;
    this.#restoring = ticketId;
    try {
      const { ticket } = await this.api.get(`tickets/${id(ticketId)}`);
      const { agent, ticket: shown } = this.store.state;
      if (!agent?.call && !shown) await this.#showWithHistory(ticket);
    } catch {
      // A convenience only: the list has every ticket.
    } finally {
      this.#restoring = null;
    }
  }

  /** The call of a draft may have got its ticket, and ended, while no page of ours was there. */
  async #findOrphans(state) {
    if (!orphan(state)) return;
    for (const place of Object.keys(state.drafts).filter((one) => one.startsWith(placeOfCall('')))) {
      const query = { id: place.slice(placeOfCall('').length), owner: state.agent.cti_id };
      const [found] = await this.api.get('tickets', query).catch(() => []);
      if (found && this.store.state.drafts[place]) this.#moveDraft(place, found.ticket_id);
    }
  }

  async open(ticketId) {
    const { ticket } = await this.api.get(`tickets/${id(ticketId)}`);
    // At once: who goes back to the list meanwhile keeps it.
    this.lists.close();
    await this.#showWithHistory(ticket);
  }

  async #showWithHistory(ticket) {
    this.#show(ticket);
    await this.#readHistory(ticket);
  }

  forget() {
    clearTimeout(this.#retry);
    clearTimeout(this.#historyRetry);
    this.#loading = '';
    this.#shownId = this.#before = this.#lastCall = this.#talked = null;
    this.#step = '';
    this.#due = false;
    remember(null);
  }

  /** Only a change of what is shown counts: at first nothing is, and the entry still has to be read. */
  #remember(ticketId) {
    if (ticketId === this.#shownId) return;
    this.#shownId = ticketId;
    remember(ticketId);
  }

  #draft(place, text) {
    const { agent, drafts } = this.store.state;
    const call = agent?.call;
    // The call may have ended between the last two keys.
    const number = call && place === placeOfCall(call.call_id) ? call.customer_number : drafts[place]?.number;
    this.store.drafts.write(place, text, { number });
  }

  async #comment(ticketId, text) {
    const key = this.store.drafts.sendKey(ticketId, text);
    await this.#write('POST', `tickets/${id(ticketId)}/comments`, { text }, ticketId, key);
    this.store.drafts.sent(ticketId, text);
  }

  /** What the bridge itself has noted meanwhile, as the end of the call, changes nothing for the agent. */
  async #setStatus(ticketId, status, version) {
    const write = (seen) => this.#write('PATCH', `tickets/${id(ticketId)}`, { status, version: seen }, ticketId);
    try {
      await write(version);
    } catch (problem) {
      const newest = problem.code === 'version_conflict' ? this.#versionWithoutOthers(ticketId, version) : null;
      if (newest === null) throw problem;
      await write(newest);
    }
  }

  /** The version of the shown ticket; null when somebody else has changed it since `version`. */
  #versionWithoutOthers(ticketId, version) {
    const { ticket, agent } = this.store.state;
    if (ticket?.ticket_id !== ticketId) return null;
    const isOthers = (event) => event.version > version && event.by !== 'system' && event.by !== agent?.cti_id;
    return ticket.events.some(isOthers) ? null : ticket.version;
  }

  async #write(method, path, body, ticketId, key) {
    try {
      const { ticket } = await this.api.write(method, path, body, key);
      const whole = this.#whole(ticket);
      if (whole) this.#renew(whole);
      else await this.#refresh(ticketId);
    } catch (problem) {
      if (problem.code === 'version_conflict') await this.#refresh(ticketId);
      throw problem;
    }
  }

  /** The answer to a change has the newest event alone: the shown ticket with it; null when more has happened. */
  #whole(ticket) {
    const { ticket: shown } = this.store.state;
    if (shown?.ticket_id !== ticket.ticket_id) return ticket;
    const first = ticket.events[0]?.version ?? 0;
    const known = shown.events.filter((one) => one.version < first);
    if (!shown.complete || known.length !== first - 1) return null;
    const names = { ...shown.names, ...ticket.names };
    return { ...ticket, names, events: [...known, ...ticket.events], comments: [...shown.comments, ...ticket.comments] };
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
      historyMore: same ? state.historyMore : null,
      ticketLink: ticket && linkOf(ticket, state),
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
    const found = number ? (await this.lists.historyOf(number).catch(() => null)) : { history: false };
    const { ticket: shown, history } = this.store.state;
    if (shown?.ticket_id !== ticket.ticket_id) return;
    this.store.change(found ?? { history: history || false });
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
