/**
 * A ringtone made of two oscillators: 440 and 554 Hz in turn, a second of sound and two of silence.
 *
 * Browsers are silent until the page has been clicked or typed into once: the audio context is made at the first
 * gesture (of a finger that is the click), or when it first has to ring, and `onAllowed` is told whether anything can be heard.
 */

const GESTURES = ['pointerdown', 'click', 'keydown'];
const TONES_HZ = [440, 554];
const TONE_S = 0.25;
const TONES = 4;
const PERIOD_MS = 3_000;
const VOLUME = 0.18;
const EDGE_S = 0.015;
/** Sound that is allowed may take this long to begin. */
const BEGINS_MS = 2_000;

export class Ringtone {
  #context = null;
  #timer = 0;
  #gain = null;

  /** @param {(allowed: boolean) => void} onAllowed */
  constructor(onAllowed) {
    this.onAllowed = onAllowed;
    for (const gesture of GESTURES) addEventListener(gesture, this.#unlock, { capture: true, passive: true });
  }

  get ringing() {
    return this.#timer !== 0;
  }

  start() {
    if (this.ringing) return;
    this.#ready();
    this.#ring();
    this.#timer = setInterval(() => this.#ring(), PERIOD_MS);
  }

  stop() {
    clearInterval(this.#timer);
    this.#timer = 0;
    this.#gain?.disconnect();
    this.#gain = null;
  }

  close() {
    this.stop();
    for (const gesture of GESTURES) removeEventListener(gesture, this.#unlock, { capture: true });
    this.#context?.close();
    this.#context = null;
  }

  #unlock = () => {
    const blocked = this.#context?.state !== 'running';
    if (blocked) this.#ready();
  };

  #ready() {
    const Context = globalThis.AudioContext;
    if (!Context) return;
    if (!this.#context) {
      this.#context = new Context();
      this.#context.onstatechange = () => this.#tell();
    }
    if (this.#context.state !== 'running') this.#context.resume().catch(() => {});
    this.#tell();
  }

  /** A context that is not running yet may be about to: only a ringtone that cannot be heard is told as blocked. */
  #tell() {
    const running = this.#context?.state === 'running';
    if (running) this.onAllowed(true);
    else if (this.ringing || this.#context?.state === 'suspended') setTimeout(() => this.#recheck(), BEGINS_MS);
  }

  #recheck() {
    if (this.#context) this.onAllowed(this.#context.state === 'running');
  }

  #ring() {
    const context = this.#context;
    if (context?.state !== 'running') {
      this.#ready();
      return;
    }
    this.#gain?.disconnect();
    this.#gain = context.createGain();
    this.#gain.connect(context.destination);
    for (let index = 0; index < TONES; index += 1) this.#tone(context.currentTime + 0.02 + index * TONE_S, index);
  }

  #tone(at, index) {
    const oscillator = this.#context.createOscillator();
    const edge = this.#context.createGain();
    oscillator.frequency.value = TONES_HZ[index % TONES_HZ.length];
    edge.gain.setValueAtTime(0, at);
    edge.gain.linearRampToValueAtTime(VOLUME, at + EDGE_S);
    edge.gain.setValueAtTime(VOLUME, at + TONE_S - EDGE_S);
    edge.gain.linearRampToValueAtTime(0, at + TONE_S);
    oscillator.connect(edge).connect(this.#gain);
    oscillator.start(at);
    oscillator.stop(at + TONE_S);
  }
}
