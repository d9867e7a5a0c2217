/**
 * What a page of supervisors knows: who is logged in, the rows of its topic, and whether they are true.
 * A screen on a wall has nobody logged in: it is one by its cookie, which it gets for the token in the address's fragment.
 *
 * `connection`: starting, login, forbidden (no supervisor), open, reconnecting, moved, ended.
 */
import { Api } from '../net/api.js';
import { Live, VERIFY_MS } from '../net/live.js';
import { rejecting } from '../state/commands.js';
import { behind } from './rows.js';

const API = new URL('../../api/v1/', import.meta.url);

export class WatchStore {
  state = { connection: 'starting', agent: null, settings: null, clockOffsetMs: 0, sections: null, heardMs: 0, notices: [] };
  #listeners = new Set();
  #live;
  #isScreen = false;

  /**
   * @param {{topic: string, own?: boolean, screen?: boolean, commands?: (api: Api) => object}} parts `own`: with the topic
   *   of the agent; `screen`: the page may be a screen
   */
  constructor({ topic, own = false, screen = false, commands = () => ({}) }) {
    this.topic = topic;
    this.mayBeScreen = screen;
    this.api = new Api({ base: API, onUnauthenticated: () => this.#is({ connection: 'login' }) });
    this.commands = rejecting({
      login: async (ctiId, password) => this.#entered(await this.api.login(ctiId, password)),
      ...commands(this.api),
    });
    this.#live = new Live({
      url: eventsOf(API),
      token: () => this.api.token,
      onFrame: (frame) => this.#took(frame),
      onState: (connection) => this.#is({ connection }),
      verify: async () => Boolean(await this.api.get('me', {}, { timeoutMs: VERIFY_MS })),
      topics: () => this.#isScreen ? topic : `${own ? 'agent,' : ''}${topic}:${this.state.agent.cti_id}`,
      position: () => null,
    });
  }

  subscribe(listener) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** `token` is that of the address, until it was taken: by a bridge that starts it is asked for again. */
  async start(token = this.mayBeScreen ? tokenInAddress() : '') {
    let taken = false;
    try {
      if (token) await this.api.write('PUT', 'wallboard/screen', { token });
      taken = true;
      await this.#entered(await this.api.session());
    } catch ({ code }) {
      if (code !== 'unauthenticated') setTimeout(() => this.start(taken ? '' : token), 2_000);
      else if (!taken || !this.mayBeScreen || !(await this.#isScreenHere())) this.#is({ connection: 'login' });
    }
  }

  /** Nobody is logged in. Return whether this is a screen, or may be one that cannot ask now. */
  async #isScreenHere() {
    try {
      await this.api.get('wallboard');
    } catch ({ code }) {
      if (code !== 'unauthenticated') setTimeout(() => this.start(''), 2_000);
      return code !== 'unauthenticated';
    }
    this.#isScreen = true;
    this.#live.start();
    return true;
  }

  stop() {
    this.#live.stop();
  }

  /** Somebody is logged in here: look whether it is a supervisor, and listen. */
  async #entered({ agent, settings, server_time: at, round: [sentMs, receivedMs] }) {
    this.#is({ agent, settings, clockOffsetMs: Date.parse(at) - (sentMs + receivedMs) / 2 });
    try {
      await this.api.get('wallboard');
    } catch (problem) {
      if (problem.code !== 'wrong_role') throw problem;
      this.#is({ connection: 'forbidden' });
      return;
    }
    this.#live.start();
  }

  #took(frame) {
    const heardMs = Date.now();
    // Nobody has told a screen the time.
    if (this.#isScreen && frame.type === 'snapshot') this.#is({ clockOffsetMs: Date.parse(frame.at) - heardMs });
    if (frame.topic) this.#is({ heardMs, sections: behind(this.state.sections ?? {}, frame) });
    else if (frame.agent) this.#is({ agent: frame.agent });
    else if (frame.type === 'notice') this.#is({ notices: [...this.state.notices, { ...frame, id: frame.seq }].slice(-3) });
  }

  putAway(id) {
    this.#is({ notices: this.state.notices.filter((one) => one.id !== id) });
  }

  #is(changes) {
    this.state = { ...this.state, ...changes };
    for (const listener of this.#listeners) listener();
  }
}

/** The token behind `#token=`, which is out of the address from then on. */
function tokenInAddress() {
  const found = new URLSearchParams(location.hash.slice(1)).get('token') ?? '';
  if (found) history.replaceState(null, '', location.pathname + location.search);
  return found;
}

function eventsOf(base) {
  const url = new URL('events', base);
  url.protocol = url.protocol.replace('http', 'ws');
  return url;
}
