/**
 * Times of the server, shown on a machine whose clock may be wrong. Offsets are milliseconds, server − local.
 */

/** The offset that a timestamp of the server, received at `localMs`, speaks for.
 * @param {string} at ISO 8601 @param {number} localMs @returns {number|null} null when `at` is not a time */
export function offsetOf(at, localMs) {
  const serverMs = Date.parse(at);
  return Number.isNaN(serverMs) ? null : serverMs - localMs;
}

/** Seconds since `at`, never negative.
 * @param {string|null} at ISO 8601 @param {number} offsetMs @param {number} [localMs] */
export function secondsSince(at, offsetMs, localMs = Date.now()) {
  const seconds = (localMs + offsetMs - Date.parse(at ?? '')) / 1000;
  return seconds > 0 ? seconds : 0;
}

/** Seconds until `at`, never negative.
 * @param {string|null} at ISO 8601 @param {number} offsetMs @param {number} [localMs] */
export function secondsUntil(at, offsetMs, localMs = Date.now()) {
  const seconds = (Date.parse(at ?? '') - localMs - offsetMs) / 1000;
  return seconds > 0 ? seconds : 0;
}

const SECOND_MS = 1000;
const listeners = new Set();
let timer = 0;

/** Calls `listener` at each full second; one timer serves all who listen.
 * @param {() => void} listener @returns {() => void} ends it */
export function eachSecond(listener) {
  listeners.add(listener);
  if (!timer) arm();
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) {
      clearTimeout(timer);
      timer = 0;
    }
  };
}

function arm() {
  timer = setTimeout(tick, SECOND_MS - (Date.now() % SECOND_MS));
}

function tick() {
  arm();
  for (const listener of [...listeners]) listener();
}
