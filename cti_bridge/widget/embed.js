/**
 * The panel inside a page of somebody else: tells the host page what happens, and takes its commands.
 *
 * loader.js, in the host page, says hello when the frame has loaded. The host counts only if its origin is one of the
 * configured ones (`embedding_origins`) or the panel's own; until then, and so before login, it is told nothing and
 * obeyed in nothing. Messages are `{source: 'cti-widget', type, ...}` and go to that one origin.
 */

import { t } from './i18n/index.js';
import { emergencyNumber } from './state/commands.js';
import { linkOf } from './state/tickets.js';

const SOURCE = 'cti-widget';
const CALL_FIELDS = [
  'call_id', 'direction', 'service', 'queue', 'customer_number', 'customer_name', 'dialed_number', 'ticket_id',
];
/** How long the agent is asked whether the page may dial. */
const ASKS_MS = 30_000;

/** What the host is told of which frame. */
const TOLD = new Map([
  ['offer.made', ({ offer, call }) => ['ringing', { offer_id: offer?.offer_id, ...some(call) }]],
  ['offer.ended', ({ offer_id, result }) => ['ringing.ended', { offer_id, result }]],
  ['call.connected', ({ call }) => ['answered', some(call)]],
  ['call.ended', ({ call_id, outcome, ended_by }) => ['ended', { call_id, outcome, ended_by }]],
]);

export class Embedding {
  #greeted = '';
  #host = '';
  #said = '';

  /** @param {import('./state/store.js').Store} store */
  constructor(store) {
    this.store = store;
    store.onFrame((frame, state) => this.#frame(frame, state));
    if (window.parent === window) return;
    addEventListener('message', (event) => this.#heard(event));
    store.subscribe((state) => this.#follow(state));
  }

  #heard({ source, origin, data }) {
    if (source !== window.parent || data?.source !== SOURCE) return;
    if (data.type === 'hello') {
      this.#greeted = origin;
      this.#host = this.#said = '';
      this.#follow(this.store.state);
    } else if (data.type === 'dial' && origin === this.#host) {
      this.#dial(data);
    }
  }

  #follow(state) {
    if (!this.#permitted(state)) return;
    if (!this.#host) {
      this.#host = this.#greeted;
      this.#tell('ready', {});
    }
    const { status, reason, state: callState, label } = state.agent ?? {};
    const said = { connection: state.connection, status, reason, state: callState, label };
    if (JSON.stringify(said) === this.#said) return;
    this.#said = JSON.stringify(said);
    this.#tell('state', said);
  }

  /** Once accepted, a host stays so until the page is loaded anew: it is also to hear that the agent has left. */
  #permitted({ settings }) {
    if (!this.#greeted || this.#host) return this.#host !== '';
    return this.#greeted === location.origin || (settings?.embedding_origins ?? []).includes(this.#greeted);
  }

  #frame(frame, state) {
    if (frame.type === 'ticket.opened') this.#ticketOpened(frame.ticket, state);
    const [type, content] = TOLD.get(frame.type)?.(frame) ?? [];
    if (type) this.#tell(type, content);
  }

  /** A host opens the ticket itself. A page of our own opens the other system's; a browser that blocks that leaves
   * the link on the screen. */
  #ticketOpened(ticket, state) {
    if (!ticket) return;
    const url = linkOf(ticket, state);
    if (this.#host) this.#tell('ticket.opened', { ...ticket, url, owner: state.owner });
    else if (url && state.owner && isOfCall(ticket, state)) show(url);
  }

  async #dial({ number, calling_number, id }) {
    const [code, detail] = await this.#hindrance(String(number), id);
    if (code) {
      this.#tell('refused', { id, command: 'dial', code, detail });
      return;
    }
    try {
      const calling = calling_number ?? (await this.#firstConfirmed());
      const { call_id } = await this.store.commands.dial(String(number), calling);
      this.#tell('dialed', { id, call_id });
    } catch (problem) {
      this.#tell('refused', { id, command: 'dial', code: problem.code, detail: problem.detail });
    }
  }

  /** What the page is told in place of a call; nothing when it may be dialled. */
  async #hindrance(number, id) {
    const { settings, agent, asked } = this.store.state;
    // A record in a CRM is no reason to call the police: the agent dials it, and is asked.
    if (emergencyNumber(settings, number)) return ['emergency_number', t('emergency.not_from_page')];
    if (settings.host_dial === 'off') return ['page_may_not_dial', t('page.may_not')];
    if (settings.host_dial === 'dial') return [];
    if (asked || !agent?.allowed_actions.includes('dial')) return ['not_allowed_now', t('not_now')];
    this.#tell('asked', { id, number });
    return (await this.#ask(number)) ? [] : ['declined', t('page.declined')];
  }

  /** Resolves to whether the agent lets the page dial. */
  #ask(number) {
    return new Promise((done) => {
      const answer = (yes) => {
        clearTimeout(timer);
        this.store.change({ asked: null });
        done(yes);
      };
      const timer = setTimeout(answer, ASKS_MS, false);
      this.store.change({ asked: { number, answer } });
    });
  }

  async #firstConfirmed() {
    const numbers = await this.store.commands.callingNumbers();
    return numbers.find((one) => one.state === 'confirmed')?.number ?? '';
  }

  #tell(type, content) {
    if (this.#host) window.parent.postMessage({ source: SOURCE, type, ...content }, this.#host);
  }
}

/** Without a call it is one that a colleague hands over. */
function isOfCall(ticket, { agent }) {
  return !agent?.call || agent.call.call_id === ticket.call_id;
}

function some(call) {
  return Object.fromEntries(CALL_FIELDS.map((name) => [name, call?.[name] ?? null]));
}

/** One window for all tickets. It must not be able to steer this page. */
function show(link) {
  try {
    const opened = window.open(link, 'cti-ticket');
    if (opened) opened.opener = null;
  } catch {
    // It was opened earlier, and is another site's now; its address has been changed all the same.
  }
}
