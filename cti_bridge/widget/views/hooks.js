/** What the views share: the store, and commands that show that they are under way and what came of them. */
import { createContext, useCallback, useContext, useEffect, useRef, useState } from '../vendor/preact-htm.js';
import { emergencyNumber } from '../state/commands.js';

/** `{store, state}`; the state is the present one, and a new one draws the views again. */
export const Panel = createContext(null);
export const usePanel = () => useContext(Panel);

/** What calls a number; each begins with the number or the target. */
const CALLS = ['dial', 'consult', 'transfer'];

/**
 * `act(name, ...arguments)` runs a command of the store and resolves to whether it was done; a command under way is
 * not begun again. `busy(name)`, and `problem`: the last refusal, of the command `what`, until the next command or `clear()`.
 *
 * No command calls an emergency number unasked, for autofill must not call the police: `act` waits for what `asked` is
 * until then, the properties of `Emergency`. A view that does not show it calls nobody.
 */
export function useCommands() {
  const { store } = usePanel();
  const running = useRef(new Set());
  const here = useRef(true);
  const [{ problem, what, asked }, show] = useState({});
  useEffect(() => () => { here.current = false; }, []);
  const tell = (question, refused, name) => here.current && show({ asked: question, problem: refused, what: name });
  /** The question stays until it is done: a refusal does not ask again. */
  const run = async (question, name, rest) => {
    if (running.current.has(name)) return false;
    running.current.add(name);
    tell(question);
    try {
      await store.commands[name](...rest);
      running.current.delete(name);
      tell();
      return true;
    } catch (refused) {
      running.current.delete(name);
      tell(question, refused, name);
      return false;
    }
  };
  const act = useCallback(async (name, ...rest) => {
    const number = CALLS.includes(name) && emergencyNumber(store.state.settings, rest[0].number ?? rest[0]);
    if (!number) return run(undefined, name, rest);
    return new Promise((done) => {
      const question = { name, number, of: rest[0], yes: async () => { if (await run(question, name, rest)) done(true); } };
      tell(question);
    });
  }, [store]);
  const busy = (name) => running.current.has(name);
  const clear = () => tell();
  return { act, busy, problem, what, asked: asked && { ...asked, busy: busy(asked.name), no: clear }, clear };
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
