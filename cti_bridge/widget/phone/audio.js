/**
 * The microphone of a call: which one, muted or not, how loud; and the loudspeaker.
 *
 * The microphone is open only while there is a call. The chosen one's id, which is no secret and says nothing
 * outside this origin, is remembered by the browser.
 */

const REMEMBERED = 'cti-widget.microphone';
const LEVEL_MS = 66;
const DENIED = new Set(['NotAllowedError', 'SecurityError']);

/** A microphone that cannot be had, or not be used. `code` is microphone_denied, microphone_missing, insecure_context or
 * no_webrtc. */
export class MicrophoneError extends Error {
  constructor(code) {
    super(code);
    this.name = 'MicrophoneError';
    this.code = code;
  }
}

export class Audio {
  #stream = null;
  #muted = false;
  #context = null;
  #levelTimer = 0;
  #speaker = null;

  /** @param {{onLevel: (level: number) => void, onLost: () => void, onSound: (allowed: boolean) => void}} told
   * `onLost`: the microphone was pulled out */
  constructor(told) {
    this.told = told;
    this.microphoneId = remembered();
  }

  get track() {
    return this.#stream?.getAudioTracks()[0] ?? null;
  }

  /** Opens the microphone: the chosen one, else the system's. @returns {Promise<MediaStream>} */
  async open() {
    const stream = await capture(this.microphoneId);
    this.#take(stream);
    return stream;
  }

  /** @returns {Promise<MediaStreamTrack|null>} the new track, during a call */
  async choose(microphoneId) {
    const stream = this.#stream ? await capture(microphoneId) : null;
    this.microphoneId = microphoneId;
    remember(microphoneId);
    if (stream) this.#take(stream);
    return this.track;
  }

  get muted() {
    return this.#muted;
  }

  /** Also of a microphone that is opened later. */
  mute(on) {
    this.#muted = on;
    if (this.track) this.track.enabled = !on;
  }

  /** Plays what the other side says. A browser that forbids it is asked again at the next gesture. */
  play(stream) {
    this.#speaker ??= document.createElement('audio');
    this.#speaker.autoplay = true;
    this.#speaker.srcObject = stream;
    const again = () => this.#speaker?.srcObject && this.play(this.#speaker.srcObject);
    this.#speaker.play().then(
      () => this.told.onSound(true),
      (error) => {
        if (error.name !== 'NotAllowedError') return;
        this.told.onSound(false);
        addEventListener('click', again, { once: true, capture: true });
      },
    );
  }

  close() {
    clearInterval(this.#levelTimer);
    this.#levelTimer = 0;
    this.#context?.close();
    this.#context = null;
    for (const track of this.#stream?.getTracks() ?? []) track.stop();
    this.#stream = null;
    if (this.#speaker) this.#speaker.srcObject = null;
    this.#speaker = null;
    this.told.onLevel(0);
  }

  #take(stream) {
    const old = this.#stream;
    this.#stream = stream;
    for (const track of old?.getTracks() ?? []) {
      track.onended = null;
      track.stop();
    }
    this.track.enabled = !this.#muted;
    this.track.onended = () => this.told.onLost();
    this.#meter(stream);
  }

  #meter(stream) {
    clearInterval(this.#levelTimer);
    this.#context?.close();
    const context = (this.#context = new AudioContext());
    if (context.state !== 'running') context.resume().catch(() => {});
    const analyser = context.createAnalyser();
    analyser.fftSize = 1024;
    context.createMediaStreamSource(stream).connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    this.#levelTimer = setInterval(() => {
      analyser.getFloatTimeDomainData(samples);
      this.told.onLevel(loudness(samples));
    }, LEVEL_MS);
  }
}

/** From 0 (−60 dBFS and less) to 1 (full scale). @param {Float32Array} samples */
export function loudness(samples) {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  const decibels = 10 * Math.log10(sum / samples.length || 1e-9);
  return Math.min(1, Math.max(0, 1 + decibels / 60));
}

/** The microphones, with names as far as the browser tells them. @returns {Promise<{id: string, label: string}[]>} */
export async function microphones() {
  const devices = (await navigator.mediaDevices?.enumerateDevices()) ?? [];
  return devices
    .filter((device) => device.kind === 'audioinput' && device.deviceId)
    .map((device) => ({ id: device.deviceId, label: device.label }));
}

/** Asks for the permission, so that it is not asked for when a customer waits. */
export async function askForMicrophone(microphoneId) {
  const stream = await capture(microphoneId);
  for (const track of stream.getTracks()) track.stop();
}

async function capture(microphoneId) {
  // Some browsers are built or set up without it: such a phone must not be called.
  if (!globalThis.RTCPeerConnection) throw new MicrophoneError('no_webrtc');
  if (!navigator.mediaDevices) throw new MicrophoneError('insecure_context');
  const wanted = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
  try {
    const exact = microphoneId ? { ...wanted, deviceId: { exact: microphoneId } } : wanted;
    return await navigator.mediaDevices.getUserMedia({ audio: exact });
  } catch (error) {
    if (DENIED.has(error.name)) throw new MicrophoneError('microphone_denied');
    // The chosen one may have been pulled out: better another one than none.
    if (microphoneId) return capture('');
    throw new MicrophoneError('microphone_missing');
  }
}

function remembered() {
  try {
    return localStorage.getItem(REMEMBERED) ?? '';
  } catch {
    return '';
  }
}

function remember(microphoneId) {
  try {
    localStorage.setItem(REMEMBERED, microphoneId);
  } catch {
    // It is only for the next time.
  }
}
