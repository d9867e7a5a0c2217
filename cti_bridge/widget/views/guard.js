/**
 * The click guard. A control that appears, moves, changes its word or has just acted ignores pointer and keys for half a
 * second, and so does every place where another control stood that long ago. Nothing shows it.
 *
 * One listener around all controls decides. What it knows of them it looks up after every change of the page, and once
 * more when something is pressed; so a change that it has not seen yet counts from the press. A press counts from its
 * beginning: what changes under a finger that is down does not act.
 *
 * A control says in its markup what is special about it: `data-means`, what its word stands for now (the call, the
 * offer), `data-again`: it may act again at once, such as a key of the keypad, `data-no-enter`: Enter and Space do not
 * press it.
 */
import { useLayoutEffect } from '../vendor/preact-htm.js';

export const GUARD_MS = 500;
/** A control that moved no further is where it was: words beside it change their width. */
const NEAR_PX = 4;
/** How long a place is remembered: longer than anybody keeps a finger down. */
const MEMORY_MS = 5_000;
/** What the agent's wheel or finger scrolls within this time has not moved by itself. */
const SCROLLS_MS = 1_000;
const CONTROLS = 'button,a,summary,select,[type=radio],label:has([type=radio])';
const SCROLLERS = '.scroll,.call-part,.side-part';
const SIDES = ['left', 'top', 'right', 'bottom'];

const wordOf = (node) => `${node.getAttribute('aria-label') || node.textContent}\n${node.dataset.means ?? ''}`;
const near = (one, other) => SIDES.every((side) => Math.abs(one[side] - other[side]) <= NEAR_PX);
const holds = (place, x, y) => x >= place.left && x < place.right && y >= place.top && y < place.bottom;
/** What is scrolled out of its box stands nowhere, though it has a place. */
function boxOf(node, boxes) {
  const scroller = node.closest(SCROLLERS) ?? document.documentElement;
  if (!boxes.has(scroller)) boxes.set(scroller, scroller === document.documentElement ? EVERYWHERE : scroller.getBoundingClientRect());
  return boxes.get(scroller);
}

const EVERYWHERE = { left: -Infinity, top: -Infinity, right: Infinity, bottom: Infinity };
const isPress = ({ key }) => key === 'Enter' || key === ' ';

export class Guard {
  #known = new Map();
  #left = [];
  #pressedAt = null;
  #scrolledAt = -Infinity;
  #asked = 0;

  constructor(root) {
    this.root = root;
  }

  /** Begins; returns what ends it. */
  watch() {
    const { root } = this;
    const soon = () => { this.#asked ||= requestAnimationFrame(() => { this.#asked = 0; this.#look(); }); };
    const changes = new MutationObserver(soon);
    changes.observe(root, { subtree: true, childList: true, characterData: true, attributes: true });
    const on = [
      ['pointerdown', () => { this.#pressedAt = performance.now(); }],
      ['keydown', (event) => this.#keyed(event)],
      ['keyup', (event) => this.#refuseEnter(event)],
      ['click', (event) => this.#clicked(event)],
      ['wheel', () => this.#scrolls()],
      ['touchmove', () => this.#scrolls()],
      ['scroll', () => this.#scrolled(soon)],
    ];
    for (const [type, handler] of on) root.addEventListener(type, handler, { capture: true, passive: type === 'wheel' || type === 'touchmove' });
    addEventListener('resize', soon);
    this.#look();
    return () => {
      changes.disconnect();
      cancelAnimationFrame(this.#asked);
      removeEventListener('resize', soon);
      for (const [type, handler] of on) root.removeEventListener(type, handler, { capture: true });
    };
  }

  /** Whether a press of this control that begins now, at this point or by a key, would act. */
  allows(node, x = null, y = null) {
    return this.#allowed(node, performance.now(), x, y);
  }

  #allowed(node, at, x, y) {
    this.#look();
    const known = this.#known.get(node);
    if (!known || at - known.at < GUARD_MS) return false;
    return x === null || !this.#left.some((place) => at - place.leftAt < GUARD_MS && holds(place, x, y) && holds(place.box, x, y));
  }

  /** `scrolled`: the agent moves the controls, so that each counts as having been where it is now. */
  #look(scrolled = false) {
    const now = performance.now();
    const seen = new Map();
    const boxes = new Map();
    for (const node of this.root.querySelectorAll(CONTROLS)) {
      const { left, top, right, bottom } = node.getBoundingClientRect();
      if (right <= left || getComputedStyle(node).visibility !== 'visible') continue;
      const is = { left, top, right, bottom, box: boxOf(node, boxes), word: wordOf(node), at: now };
      const was = this.#known.get(node);
      const same = was?.word === is.word && (scrolled || near(was, is));
      if (same) is.at = was.at;
      else if (was) this.#left.push({ ...was, leftAt: now });
      // Where it was at first counts, or small steps would never add up.
      seen.set(node, same && !scrolled ? was : is);
    }
    for (const [node, was] of this.#known) if (!seen.has(node)) this.#left.push({ ...was, leftAt: now });
    this.#known = seen;
    this.#left = this.#left.filter((place) => now - place.leftAt < MEMORY_MS);
  }

  #clicked(event) {
    const node = event.target.closest(CONTROLS);
    const now = performance.now();
    const at = event.isTrusted ? this.#pressedAt ?? now : now;
    this.#pressedAt = null;
    if (!node) return;
    const [x, y] = event.detail ? [event.clientX, event.clientY] : [null, null];
    if (!this.#allowed(node, at, x, y)) {
      event.preventDefault();
      event.stopImmediatePropagation();
    } else if (!('again' in node.dataset)) {
      this.#known.get(node).at = now;
    }
  }

  #keyed(event) {
    if (!event.repeat) this.#pressedAt = performance.now();
    const { target } = event;
    const writes = target.matches('textarea') || (event.key === ' ' && target.matches('input'));
    if (event.repeat && isPress(event) && !writes) event.preventDefault();
    this.#refuseEnter(event);
  }

  #refuseEnter(event) {
    if (isPress(event) && 'noEnter' in event.target.dataset) event.preventDefault();
  }

  #scrolls() {
    this.#scrolledAt = performance.now();
  }

  #scrolled(soon) {
    if (performance.now() - this.#scrolledAt > SCROLLS_MS) return soon();
    this.#scrolls();
    return this.#look(true);
  }
}

/** Guards everything within the element of `root`, for as long as it is shown. Tests find it as its property `guard`. */
export function useGuard(root) {
  useLayoutEffect(() => {
    const guard = new Guard(root.current);
    root.current.guard = guard;
    return guard.watch();
  }, []);
}
