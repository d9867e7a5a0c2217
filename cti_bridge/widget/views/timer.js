/**
 * Times that run. One tick serves all that are on screen, and each writes its own text: nothing else is drawn again.
 * They are not live regions, so a screen reader says them only when asked.
 */
import { html, useEffect, useLayoutEffect, useMemo, useRef } from '../vendor/preact-htm.js';
import { usePanel } from './hooks.js';

const TICK_MS = 250;
const shown = new Set();
let ticking = 0;

function eachTick(draw) {
  shown.add(draw);
  ticking ||= setInterval(() => shown.forEach((one) => one()), TICK_MS);
  return () => {
    shown.delete(draw);
    if (shown.size === 0) {
      clearInterval(ticking);
      ticking = 0;
    }
  };
}

/** Calls `draw(server time in ms)` now, at every tick and after every change of `about`. */
function useTick(draw, about) {
  const offset = usePanel().state.clockOffsetMs;
  useLayoutEffect(() => draw(Date.now() + offset), [about, offset]);
  useEffect(() => eachTick(() => draw(Date.now() + offset)), [about, offset]);
}

function write(node, text) {
  if (node && node.textContent !== text) node.textContent = text;
}

/** Seconds as `0:07`, `12:30`, `1:02:03`. */
export function spent(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (number) => String(number).padStart(2, '0');
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  return hours ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

/** How long it has been since an ISO time. */
export function Since({ at, label }) {
  const node = useRef();
  useTick((now) => write(node.current, spent((now - Date.parse(at)) / 1000)), at);
  return html`<span class="time" role="timer" aria-label=${label} ref=${node}></span>`;
}

/** How long a customer has waited who had waited `seconds` when the server said so. */
export function Waited({ seconds, label }) {
  const { clockOffsetMs } = usePanel().state;
  const at = useMemo(() => new Date(Date.now() + clockOffsetMs - seconds * 1000).toISOString(), [seconds]);
  return html`<${Since} at=${at} label=${label} />`;
}

/** What is left until an ISO time. */
export function Until({ at, label }) {
  const node = useRef();
  useTick((now) => write(node.current, spent((Date.parse(at) - now) / 1000 + 0.999)), at);
  return html`<span class="time" role="timer" aria-label=${label} ref=${node}></span>`;
}

const ROUND = 2 * Math.PI * 20;

/** What is left of the time from `from` to `at`, as a ring that empties around its seconds. */
export function Ring({ from, at, label }) {
  const arc = useRef();
  const number = useRef();
  useTick((now) => {
    const left = Math.max(0, Date.parse(at) - now);
    const whole = Math.max(1, Date.parse(at) - Date.parse(from));
    write(number.current, String(Math.ceil(left / 1000)));
    if (arc.current) arc.current.style.strokeDashoffset = String(ROUND * (1 - Math.min(1, left / whole)));
  }, `${from} ${at}`);
  return html`<span class="ring" role="timer" aria-label=${label}>
    <svg viewBox="0 0 48 48" aria-hidden="true">
      <circle class="ring-track" cx="24" cy="24" r="20" />
      <circle class="ring-arc" cx="24" cy="24" r="20" stroke-dasharray=${ROUND} ref=${arc} />
    </svg>
    <span class="ring-number" ref=${number}></span>
  </span>`;
}
