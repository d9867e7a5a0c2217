/**
 * The SIP phone in the page (JsSIP over the PBX's WebSocket).
 *
 * It registers and holds what rings until it is told to answer. It never hangs up by itself: the server ends calls.
 * When the page goes, its socket closes and nothing else is said, for a BYE would end the customer's call; the PBX
 * sees the contact vanish, the customer gets music, and the phone is rung again when it has registered again.
 */

import { UA, WebSocketInterface } from '../vendor/jssip.js';
import { Audio, MicrophoneError, askForMicrophone, microphones } from './audio.js';
import { grade, measure } from './quality.js';

const GATHER_MS = 500;
const QUALITY_MS = 2_000;
const RETRY_MS = [2_000, 5_000, 10_000, 30_000];
/** The server decides how long it rings. */
const NO_ANSWER_S = 3_600;
const REGISTER_EXPIRES_S = 120;

export class Phone {
  #ua = null;
  #iceServers = [];
  #incoming = null;
  #tried = null;
  #current = null;
  #retryTimer = 0;
  #failures = 0;
  #qualityTimer = 0;
  #counted = null;
  #stopped = false;

  /**
   * @param {object} parts
   * @param {() => Promise<{url: string, uri: string, username: string, password: string, ice_servers: object[]}>}
   *   parts.credentials
   * @param {(part: object) => void} parts.onChange parts of `state.phone`
   * @param {(level: number) => void} parts.onLevel @param {(allowed: boolean) => void} parts.onSound
   */
  constructor(parts) {
    this.parts = parts;
    this.audio = new Audio({ onLevel: parts.onLevel, onSound: parts.onSound, onLost: () => this.#microphoneLost() });
  }

  async start() {
    navigator.mediaDevices?.addEventListener('devicechange', this.#listMicrophones);
    this.parts.onChange({ state: 'starting', problem: null, microphoneId: this.audio.microphoneId });
    // A phone that is registered is called: without a microphone it would answer nobody.
    if (await this.#permitted()) await this.#register();
  }

  /** Leaves a call to the server, see above; without one the registration is taken back. */
  stop() {
    this.#stopped = true;
    navigator.mediaDevices?.removeEventListener('devicechange', this.#listMicrophones);
    clearTimeout(this.#retryTimer);
    const busy = this.#current !== null || this.#incoming !== null;
    this.#closeAgent(busy);
    this.#endCall();
  }

  async answer() {
    const session = this.#incoming;
    if (!session) throw new MicrophoneError('offer_over');
    this.#incoming = null;
    this.parts.onChange({ call: 'answering' });
    try {
      const mediaStream = await this.audio.open();
      if (session.isEnded()) throw new MicrophoneError('offer_over');
      this.#replaceCurrent(session);
      session.answer({ mediaStream, pcConfig: { iceServers: this.#iceServers } });
      this.#listMicrophones();
    } catch (error) {
      this.#notAnswered(session, error);
      throw error;
    }
  }

  /** Without the agent; once for each that rings, for without a microphone the next try fails as the first did. */
  async answerByItself() {
    if (this.#tried === this.#incoming) return;
    this.#tried = this.#incoming;
    await this.answer();
  }

  /** Until it is said otherwise: a call that comes later begins like this. */
  mute(on) {
    this.audio.mute(on);
    this.#muteSession(this.#current);
  }

  /** JsSIP opens the microphone when the other side ends its hold, unless it knows. */
  #muteSession(session) {
    if (!session?.connection) return;
    if (this.audio.muted) session.mute({ audio: true });
    else session.unmute({ audio: true });
  }

  async chooseMicrophone(microphoneId) {
    try {
      const track = await this.audio.choose(microphoneId);
      await this.#send(track);
      this.parts.onChange({ microphoneId, problem: null });
    } catch (error) {
      this.parts.onChange({ problem: error.code ?? 'microphone_missing' });
      throw error;
    }
  }

  /** Everything anew, at once. */
  async retry() {
    if (this.#current) return;
    this.#failures = 0;
    this.parts.onChange({ state: 'starting', problem: null });
    if (await this.#permitted()) await this.#register();
  }

  async #permitted() {
    try {
      await askForMicrophone(this.audio.microphoneId);
      await this.#listMicrophones();
      return !this.#stopped;
    } catch (error) {
      this.parts.onChange({ state: 'failed', problem: error.code ?? 'microphone_missing' });
      return false;
    }
  }

  async #register() {
    clearTimeout(this.#retryTimer);
    this.#closeAgent(false);
    let given;
    try {
      given = await this.parts.credentials();
    } catch (problem) {
      this.#failed(problem.code === 'not_found' ? 'not_configured' : 'disconnected');
      return;
    }
    if (this.#stopped) return;
    this.#iceServers = given.ice_servers ?? [];
    try {
      const ua = (this.#ua = new UA(configuration(given)));
      this.#listen(ua);
      ua.start();
    } catch {
      this.#failed('registration_failed');
    }
  }

  #listen(ua) {
    const mine = (work) => (event) => ua === this.#ua && work(event);
    ua.on('registered', mine(() => this.#registered()));
    ua.on('registrationFailed', mine((event) => event.response && this.#failed('registration_failed')));
    ua.on('disconnected', mine(() => this.#disconnected()));
    ua.on('newRTCSession', mine(({ originator, session }) => originator === 'remote' && this.#rings(session)));
  }

  /** JsSIP connects and registers again by itself. */
  #disconnected() {
    this.parts.onChange({ state: 'starting', problem: 'disconnected' });
  }

  #registered() {
    this.#failures = 0;
    this.parts.onChange({ state: 'registered', problem: null });
  }

  /** Refused, or no credentials to be had: again in a while with fresh ones, unless somebody is talking. */
  #failed(problem) {
    this.parts.onChange({ state: 'failed', problem });
    const delayMs = RETRY_MS[Math.min(this.#failures, RETRY_MS.length - 1)];
    this.#failures += 1;
    clearTimeout(this.#retryTimer);
    this.#retryTimer = setTimeout(() => {
      if (this.#current) this.#failed(problem);
      else this.#register();
    }, delayMs);
  }

  #rings(session) {
    this.#incoming = session;
    session.on('ended', () => this.#over(session));
    session.on('failed', () => this.#over(session));
    session.on('confirmed', () => session === this.#current && this.#confirmed(session));
    session.on('peerconnection', ({ peerconnection }) => this.#connected(peerconnection));
    gatherQuickly(session);
    neverForSilence(session);
    this.parts.onChange({ call: 'incoming' });
  }

  #confirmed(session) {
    this.#muteSession(session);
    this.parts.onChange({ call: 'up' });
  }

  #connected(connection) {
    const play = ({ track, streams }) => this.audio.play(streams[0] ?? new MediaStream([track]));
    connection.addEventListener('track', play);
    clearInterval(this.#qualityTimer);
    this.#counted = null;
    this.#qualityTimer = setInterval(() => this.#measure(connection), QUALITY_MS);
  }

  async #measure(connection) {
    if (connection.connectionState !== 'connected') return;
    const { counted, measured } = measure((await connection.getStats()).values(), this.#counted);
    this.#counted = counted;
    if (measured && this.#current) this.parts.onChange({ quality: grade(measured) });
  }

  /** What is left of a call that the PBX has given up already. */
  #replaceCurrent(session) {
    const old = this.#current;
    this.#current = session;
    if (old && !old.isEnded()) old.terminate();
  }

  #notAnswered(session, error) {
    this.audio.close();
    const there = !session.isEnded();
    if (there) this.#incoming = session;
    const microphone = error instanceof MicrophoneError && error.code !== 'offer_over';
    this.parts.onChange({ call: there ? 'incoming' : null, ...(microphone ? { problem: error.code } : {}) });
  }

  #over(session) {
    if (session === this.#incoming) {
      this.#incoming = null;
      if (!this.#current) this.parts.onChange({ call: null });
    }
    if (session === this.#current) this.#endCall();
  }

  #endCall() {
    this.#current = null;
    clearInterval(this.#qualityTimer);
    this.audio.close();
    this.parts.onChange({ call: this.#incoming ? 'incoming' : null, quality: null });
  }

  async #microphoneLost() {
    this.parts.onChange({ problem: 'microphone_missing' });
    try {
      await this.audio.open();
      await this.#send(this.audio.track);
      this.parts.onChange({ problem: null });
    } catch {
      // Shown already; plugging one in and choosing it mends it.
    }
  }

  async #send(track) {
    const senders = this.#current?.connection?.getSenders() ?? [];
    await senders.find((sender) => sender.track?.kind === 'audio')?.replaceTrack(track);
  }

  #listMicrophones = async () => {
    this.parts.onChange({ microphones: await microphones() });
  };

  #closeAgent(busy) {
    const ua = this.#ua;
    this.#ua = null;
    if (!ua) return;
    ua.removeAllListeners();
    if (busy) abandon(ua, this.#current);
    else ua.stop();
  }
}

function configuration({ url, uri, username, password }) {
  return {
    sockets: [new WebSocketInterface(url)],
    uri,
    authorization_user: username,
    password,
    register_expires: REGISTER_EXPIRES_S,
    session_timers: false,
    no_answer_timeout: NO_ANSWER_S,
    connection_recovery_min_interval: 1,
    connection_recovery_max_interval: 4,
    user_agent: 'cti-bridge panel',
  };
}

/** The socket goes without a word, and the audio with it. */
function abandon(ua, session) {
  ua.transport?.disconnect();
  session?.connection?.close();
}

/** SIP waits for all candidates: it gets those that are there after half a second. */
function gatherQuickly(session) {
  let timer = 0;
  session.on('icecandidate', ({ candidate, ready }) => {
    if (!timer && candidate) timer = setTimeout(ready, GATHER_MS);
  });
}

/** JsSIP hangs up when the audio's way is lost. The PBX notices that too, and brings the customer back (see above). */
function neverForSilence(session) {
  const terminate = session.terminate.bind(session);
  session.terminate = (options) => (options?.cause === 'RTP Timeout' ? undefined : terminate(options));
}
