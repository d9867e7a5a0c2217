/**
 * What a page of supervisors knows: who is logged in, the rows of its topic, and whether they are true.
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

  /** @param {{topic: string, own?: boolean, commands?: (api: Api) => object}} parts `own`: with the topic of the agent */
  constructor({ topic, own = false, commands = () => ({}) }) {
    this.topic = topic;
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
      topics: () => `${own ? 'agent,' : ''}${topic}:${this.state.agent.cti_id}`,
      position: () => null,
    });
  }

  subscribe(listener) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async start() {
    try {
      await this.#entered(await this.api.session());
    } catch ({ code }) {
      if (code === 'unauthenticated') this.#is({ connection: 'login' });
      else setTimeout(() => this.start(), 2_000);
    }
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

function eventsOf(base) {
  const url = new URL('events', base);
  url.protocol = url.protocol.replace('http', 'ws');
  return url;
}
