/**
 * The panel's one store: puts session, event socket, tabs, phone and tickets together, and holds the state that the
 * views show. What each of them does stands in its own file.
 */

import { Alerts } from '../alerts/alerts.js';
import { Embedding } from '../embed.js';
import { Api } from '../net/api.js';
import { Live, VERIFY_MS } from '../net/live.js';
import { PhoneDesk } from '../phone/desk.js';
import { isPopOut, openPopOut } from '../popout.js';
import { Tabs } from '../tabs.js';
import { createCommands } from './commands.js';
import { Drafts } from './drafts.js';
import { canAnswer, initialState, reduce, withNotice } from './reducer.js';
import { Tickets, linkOf } from './tickets.js';

/** The connections with a session. */
const LIVING = new Set(['starting', 'open', 'reconnecting']);

const RETRY_START_MS = 2_000;
const HERE = new URL('../../api/v1/', import.meta.url);

/** What is forgotten when a session is over. */
function withoutSession(state) {
  return { ...initialState(), settings: state.settings, notices: state.notices, sound: state.sound };
}

export class Store {
  #listeners = new Set();
  #frameListeners = new Set();
  #levelListeners = new Set();
  #startTimer = 0;
  #started = false;
  #leaving = false;

  /** @param {{base?: string|URL, texts?: object}} options `base` of the API, ending with a slash; `texts` as in
   * {@link Store.setTexts} */
  constructor({ base = HERE, texts = {} } = {}) {
    this.state = initialState();
    this.api = new Api({ base, onUnauthenticated: () => this.#over('ended') });
    this.tabs = new Tabs({ onOwner: (owner) => this.change({ owner }), onMessage: (m) => this.phone.onMessage(m) });
    this.drafts = new Drafts(this);
    this.tickets = new Tickets(this, this.api);
    this.phone = new PhoneDesk(this, this.api, this.tabs);
    this.alerts = new Alerts(this, texts);
    this.live = new Live(this.#liveParts());
    this.embedding = new Embedding(this);
    this.commands = { ...createCommands(this, this.api), ...this.tickets.commands, ...this.#ownCommands() };
  }

  /** @param {(state: object) => void} listener @returns {() => void} unsubscribes */
  subscribe(listener) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The microphone's level, 0 to 1, about fifteen times a second during a call.
   * @param {(level: number) => void} listener */
  onLevel(listener) {
    this.#levelListeners.add(listener);
    return () => this.#levelListeners.delete(listener);
  }

  /** Every event frame that is new, after the state has taken it in.
   * @param {(frame: object, state: object) => void} listener */
  onFrame(listener) {
    this.#frameListeners.add(listener);
    return () => this.#frameListeners.delete(listener);
  }

  level(value) {
    for (const listener of this.#levelListeners) listener(value);
  }

  /** What the tab's title and the desktop's notification say, in the agent's language.
   * @param {{incoming?: string}} texts */
  setTexts(texts) {
    this.alerts.speak(texts);
  }

  /** Is somebody logged in here? Then begin. */
  async start() {
    if (this.#started) return;
    this.#started = true;
    document.addEventListener('visibilitychange', this.#seen);
    await this.#look();
  }

  stop() {
    this.#started = false;
    clearTimeout(this.#startTimer);
    document.removeEventListener('visibilitychange', this.#seen);
    this.live.stop();
    this.change({ connection: 'ended' });
    this.alerts.stop();
    this.tabs.stop();
  }

  /** A change that comes from this page, never from the server. */
  change(part) {
    this.#set({ ...this.state, ...part });
  }

  /** @param {string} offerId the offer that was clicked */
  answerPhone(offerId) {
    return this.phone.answer(offerId);
  }

  notify(code, text, kind = 'info') {
    const at = new Date(Date.now() + this.state.clockOffsetMs).toISOString();
    this.#set(withNotice(this.state, { id: code, code, text, at, kind }));
  }

  #set(next) {
    const answerable = canAnswer(next);
    const state = answerable === next.canAnswer ? next : { ...next, canAnswer: answerable };
    if (state === this.state) return;
    this.state = state;
    // Each of them may change the state once more.
    this.tickets.follow(this.state);
    this.phone.follow(this.state);
    this.alerts.follow(this.state);
    for (const listener of [...this.#listeners]) listener(this.state);
  }

  #liveParts() {
    return {
      url: socketUrl(this.api.base),
      token: () => this.api.token,
      topics: () => `agent,work:${this.state.agent.cti_id}`,
      onFrame: (frame) => this.#frame(frame),
      onState: (connection) => this.#connectionChanged(connection),
      verify: () => this.#verify(),
      position: () => this.#position(),
    };
  }

  #connectionChanged(connection) {
    if (connection === 'open' || connection === 'reconnecting') this.change({ connection });
    else this.#over(connection);
  }

  /** After a gap the frames between are not trusted to be there: a snapshot. */
  #position() {
    const stream = this.state.stream;
    return stream && !stream.gap ? { id: stream.id, seq: stream.seq } : null;
  }

  #frame(frame) {
    if (frame.topic) return this.change({ work: frame.work });
    const before = this.state;
    // What a colleague hands over opens here, and in the host page, as a new one does.
    if (frame.event === 'owner_changed' && frame.ticket.owner === before.agent?.cti_id) frame.type = 'ticket.opened';
    const next = reduce(before, frame);
    if (next === before) return;
    if (next.stream.gap) {
      this.#set(next);
      this.live.resync();
      return;
    }
    this.#set(frame.type === 'ticket.opened' && next.ticket !== before.ticket ? withLink(next) : next);
    if (frame.type === 'snapshot') this.tickets.restore(this.state);
    else for (const listener of [...this.#frameListeners]) listener(frame, this.state);
  }

  /** A PC's clock that was put forward is found here: what frames say of it could be their delay too. */
  async #verify() {
    const sentMs = Date.now();
    const { agent, server_time } = await this.api.get('session', {}, { timeoutMs: VERIFY_MS });
    const clockOffsetMs = Date.parse(server_time) - (sentMs + Date.now()) / 2;
    // An answer in time is not further off than this.
    if (Math.abs(clockOffsetMs - this.state.clockOffsetMs) > VERIFY_MS / 2) this.change({ clockOffsetMs });
    return fingerprint(agent) === fingerprint(this.state.agent);
  }

  async #look() {
    try {
      await this.#begin(await this.api.session());
    } catch (problem) {
      if (problem.code === 'unauthenticated') this.change({ connection: 'login' });
      else if (this.#started) this.#startTimer = setTimeout(() => this.#look(), RETRY_START_MS);
    }
  }

  async #begin(session) {
    const [sentMs, receivedMs] = session.round;
    const clockOffsetMs = Date.parse(session.server_time) - (sentMs + receivedMs) / 2 || 0;
    await this.tabs.start();
    if (isPopOut) await this.tabs.takeOver();
    const { settings, agent } = session;
    await this.drafts.begin(agent.cti_id, session.draft_key ?? '');
    this.change({ settings, agent, clockOffsetMs, connection: 'starting' });
    this.live.start();
  }

  /** The session is over: logged out, or moved elsewhere. Another tab of this browser may have begun a new one. */
  async #over(how) {
    if (this.#leaving || !LIVING.has(this.state.connection)) return;
    this.#end(how);
    await this.#join();
  }

  #end(connection) {
    this.live.stop();
    this.tabs.stop();
    this.tickets.forget();
    this.drafts.end();
    this.api.forget();
    this.#set({ ...withoutSession(this.state), connection });
  }

  /** Another tab may have logged in since. */
  #seen = () => {
    if (document.visibilityState === 'visible' && !LIVING.has(this.state.connection)) this.#join();
  };

  async #join() {
    try {
      const session = await this.api.session();
      if (!LIVING.has(this.state.connection)) await this.#begin(session);
    } catch {
      // Nobody is logged in here: what is shown is the truth.
    }
  }

  #ownCommands() {
    return {
      login: async (ctiId, password) => {
        const session = await this.api.login(ctiId, password);
        this.live.stop();
        this.tickets.forget();
        this.drafts.end();
        this.#set({ ...withoutSession(this.state), notices: [] });
        await this.#begin(session);
      },
      logout: async () => {
        this.#leaving = true;
        try {
          await this.api.write('POST', 'logout');
          this.#end('login');
        } finally {
          this.#leaving = false;
        }
      },
      dismissNotice: async (noticeId) =>
        this.change({ notices: this.state.notices.filter((one) => one.id !== noticeId) }),
      mute: async (on) => this.phone.mute(on),
      chooseMicrophone: (microphoneId) => this.phone.chooseMicrophone(microphoneId),
      retryPhone: () => this.phone.retry(),
      takeOver: () => this.tabs.takeOver(),
      popOut: async () => openPopOut(),
      allowNotifications: () => this.alerts.allowNotifications(),
    };
  }
}

/** @param {{base?: string|URL, texts?: object}} [options] @returns {Store} which starts by itself */
export function createStore(options) {
  const store = new Store(options);
  queueMicrotask(() => store.start());
  return store;
}

function withLink(state) {
  return { ...state, ticketLink: linkOf(state.ticket, state) };
}

function socketUrl(base) {
  const url = new URL('events', base);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  return url;
}

/** A view without what differs between two looks at the same thing. */
function fingerprint(agent) {
  return JSON.stringify(agent, (key, value) => (key === 'waited_s' ? undefined : value));
}
