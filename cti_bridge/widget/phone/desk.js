/**
 * Where the page's own phone meets the rest: when it is there at all, when it answers by itself, and how the tabs
 * without it use it.
 *
 * It runs in the tab that owns the sound, for agents who answer in the browser. It answers by itself what the agent
 * has asked for: the leg of a Dial up, and the call that is brought back after a reload or a broken connection. An
 * offer is answered by the agent alone.
 *
 * Mute belongs to the call, not to the page or to one of its SIP sessions: what takes the call up again is muted before
 * the microphone is opened. A page that cannot know begins muted, and says so.
 */

import { ProblemError } from '../net/problem.js';
import { PHONE_OFF } from '../state/reducer.js';
import { Mutes } from './mutes.js';

const RELAY_MS = 5_000;
/** The agent's states in which the call has had a microphone. */
const CONNECTED = new Set(['talking', 'on_hold', 'consulting', 'reconnecting']);
const RELAYED = new Set(['answer', 'mute', 'chooseMicrophone', 'retry']);

export class PhoneDesk {
  #phone = null;
  #run = 0;
  #dialed = '';
  #owner = null;
  #waiting = new Map();
  #nextId = 1;
  #mutes = new Mutes();
  #mutedCall = null;

  /** @param {import('../state/store.js').Store} store @param {import('../net/api.js').Api} api
   * @param {import('../tabs.js').Tabs} tabs */
  constructor(store, api, tabs) {
    this.store = store;
    this.api = api;
    this.tabs = tabs;
  }

  follow(state) {
    const lives = state.connection === 'open' || state.connection === 'reconnecting';
    const browser = lives && state.agent?.answer === 'browser';
    if (browser && state.owner && !this.#run) this.#begin();
    else if ((!browser || !state.owner) && this.#run) this.stop();
    if (browser && !state.owner && this.#owner !== false) this.tabs.tell({ type: 'phone?' });
    this.#owner = browser ? state.owner : null;
    this.#followMute(state);
    this.#answerByItself(state);
  }

  /** A call in the phone goes on without it: the server rings the phone again, wherever it is then. Where it is
   * wanted here, it begins anew. */
  stop() {
    this.#run = 0;
    this.#mutedCall = null;
    this.#phone?.stop();
    this.#phone = null;
    if (this.store.state.phone !== PHONE_OFF) this.store.change({ phone: PHONE_OFF });
  }

  answer(offerId) {
    return this.#use('answer', [offerId]);
  }

  mute(on) {
    return this.#use('mute', [on]);
  }

  chooseMicrophone(microphoneId) {
    return this.#use('chooseMicrophone', [microphoneId]);
  }

  retry() {
    return this.#use('retry', []);
  }

  /** From another tab. */
  onMessage(message) {
    const { owner, phone } = this.store.state;
    if (message.type === 'phone?' && owner && this.#run) this.tabs.tell({ type: 'phone', phone });
    else if (message.type === 'phone' && !owner) this.store.change({ phone: message.phone });
    else if (message.type === 'phone-use' && owner && this.#run) this.#serve(message);
    else if (message.type === 'phone-done') this.#waiting.get(message.id)?.(message);
  }

  async #begin() {
    const run = (this.#run = this.#nextId++);
    this.#changed({ ...PHONE_OFF, state: 'starting' });
    try {
      const { Phone } = await import('./phone.js');
      if (run !== this.#run) return;
      this.#phone = new Phone({
        credentials: () => this.api.get('me/phone'),
        onChange: (part) => run === this.#run && this.#changed(part),
        onLevel: (level) => this.store.level(level),
        onSound: (allowed) => this.store.change({ sound: { allowed } }),
      });
      this.#phone.mute(this.store.state.phone.muted);
      await this.#phone.start();
    } catch {
      if (run === this.#run) this.#changed({ state: 'failed', problem: 'disconnected' });
    }
  }

  #changed(part) {
    const phone = { ...this.store.state.phone, ...part };
    this.store.change({ phone });
    this.tabs.tell({ type: 'phone', phone });
  }

  /** At the first look at a call, and at its end. */
  #followMute({ connection, agent }) {
    const call = agent?.call?.call_id ?? '';
    if (!this.#run || connection !== 'open' || call === this.#mutedCall) return;
    const ended = this.#mutedCall;
    this.#mutedCall = call;
    const known = this.#mutes.read(agent.cti_id);
    const connected = CONNECTED.has(agent.state);
    const chosen = known?.call === call || (known?.call === '' && !ended && !connected);
    const unknown = !chosen && connected;
    this.#mute(chosen ? known.muted : unknown);
    if (unknown) this.store.notify('mute_unknown', 'Your microphone is off: this page does not know the call.', 'warning');
  }

  #mute(muted) {
    const { agent, phone } = this.store.state;
    this.#mutes.keep(agent.cti_id, agent.call?.call_id ?? '', muted);
    this.#phone?.mute(muted);
    if (phone.muted !== muted) this.#changed({ muted });
  }

  /** Once for each Dial up: a later call must not be answered because the news of its end is late. */
  #answerByItself({ connection, agent, phone }) {
    if (!this.#phone || connection !== 'open' || phone.call !== 'incoming' || agent.offer) return;
    const dialed = agent.state === 'dialing' && agent.call && agent.call.call_id !== this.#dialed;
    if (dialed) this.#dialed = agent.call.call_id;
    if (dialed || agent.state === 'reconnecting' || agent.monitor?.state === 'ringing') this.#phone.answerByItself().catch(() => {});
  }

  /** Here, or in the tab that has the phone. */
  async #use(name, args) {
    if (this.store.state.owner) return this.#do(name, args);
    const id = `${Date.now()}:${this.#nextId++}:${Math.random()}`;
    const done = await new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      setTimeout(() => resolve({ problem: { code: 'phone_unreachable', status: 409 } }), RELAY_MS);
      this.tabs.tell({ type: 'phone-use', id, name, args });
    });
    this.#waiting.delete(id);
    if (done.problem) throw new ProblemError(done.problem);
  }

  async #serve({ id, name, args }) {
    if (!RELAYED.has(name)) return;
    let problem = null;
    try {
      await this.#do(name, args);
    } catch ({ code, status, detail }) {
      problem = { code, status, detail };
    }
    this.tabs.tell({ type: 'phone-done', id, problem });
  }

  async #do(name, args) {
    if (name === 'retry' && !this.#phone) return this.stop();
    if (name === 'mute') return this.#mute(args[0] === true);
    if (!this.#phone) throw new ProblemError({ code: 'phone_unreachable', status: 409 });
    if (name === 'answer' && args[0] !== this.store.state.agent?.offer?.offer_id) {
      throw new ProblemError({ code: 'offer_over', status: 409, detail: 'The call is no longer offered.' });
    }
    try {
      return await (name === 'answer' ? this.#phone.answer() : this.#phone[name](...args));
    } catch (error) {
      throw new ProblemError({ code: error.code ?? 'phone_unreachable', status: 409 });
    }
  }
}
