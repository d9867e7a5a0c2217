/** What the views share: the store, and commands that show that they are under way and what came of them. */
import { createContext, useCallback, useContext, useEffect, useRef, useState } from '../vendor/preact-htm.js';

/** `{store, state}`; the state is the present one, and a new one draws the views again. */
export const Panel = createContext(null);
export const usePanel = () => useContext(Panel);

/**
 * `act(name, ...arguments)` runs a command of the store and resolves to whether it was done; a command under way is
 * not begun again. `busy(name)`, and `problem`: the last refusal, of the command `what`, until the next command or `clear()`.
 */
export function useCommands() {
  const { store } = usePanel();
  const running = useRef(new Set());
  const here = useRef(true);
  const [{ problem, what }, show] = useState({ problem: null });
  useEffect(() => () => { here.current = false; }, []);
  const tell = (refused, name) => here.current && show({ problem: refused, what: name });
  const act = useCallback(async (name, ...rest) => {
    if (running.current.has(name)) return false;
    running.current.add(name);
    tell(null);
    try {
      await store.commands[name](...rest);
      running.current.delete(name);
      tell(null);
      return true;
    } catch (refused) {
      running.current.delete(name);
      tell(refused, name);
      return false;
    }
  }, [store]);
  return { act, busy: (name) => running.current.has(name), problem, what, clear: () => tell(null) };
}

/**
 * `[answer, problem, again]`: the answer of a command that only reads, asked again every `every_ms` while it is shown
 * and at once when `about` changes. An answer that arrives after a newer question is dropped.
 */
export function useAnswer(ask, about = '', every_ms = 0) {
  const [seen, show] = useState({ answer: null, problem: null });
  const [round, next] = useState(0);
  useEffect(() => {
    let over = false;
    let timer;
    const once = async () => {
      let found;
      try {
        found = { answer: await ask(), problem: null };
      } catch (problem) {
        found = { problem };
      }
      if (over) return;
      show((before) => ({ ...before, ...found }));
      if (every_ms) timer = setTimeout(once, every_ms);
    };
    once();
    return () => { over = true; clearTimeout(timer); };
  }, [about, round]);
  return [seen.answer, seen.problem, () => next(round + 1)];
}

/** `value`, once it has been the same for `quiet_ms`. */
export function useSettled(value, quiet_ms) {
  const [settled, settle] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => settle(value), quiet_ms);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}
