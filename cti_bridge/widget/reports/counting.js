/** A report that is counted: the newest question is the one whose answer counts. */
import { useCallback, useEffect, useRef, useState } from '../vendor/preact-htm.js';
import { get } from './fetching.js';

const GREY_MS = 300;
const SLOW_MS = 2_000;

/**
 * `key` says what is asked; null: nothing yet. Returns the state `{answer, problem, waits}` (`waits`: '', 'asked', 'grey',
 * 'slow'), `cancel`, `again` and `more`.
 */
export function useReport(key, path, query) {
  const [state, setState] = useState({ answer: null, cursor: null, problem: null, waits: '' });
  const [times, setTimes] = useState(0);
  const running = useRef(null);
  useEffect(() => {
    if (key === null) return undefined;
    const asked = new AbortController();
    running.current = asked;
    const waits = (word) => () => setState((before) => ({ ...before, waits: word }));
    const timers = [setTimeout(waits('grey'), GREY_MS), setTimeout(waits('slow'), SLOW_MS)];
    setState((before) => ({ ...before, problem: null, waits: 'asked' }));
    get(path, query, asked.signal).then(
      ({ content, cursor }) => {
        if (running.current === asked) setState({ answer: content, cursor, problem: null, waits: '' });
      },
      (problem) => {
        // What was there stays only where it still is the answer to something: after Cancel.
        if (running.current === asked) setState((before) => ({ ...before, answer: problem.code === 'given_up' ? before.answer : null, problem, waits: '' }));
      },
    ).finally(() => timers.forEach(clearTimeout));
    return () => {
      timers.forEach(clearTimeout);
      running.current = null;
      asked.abort();
    };
  }, [key, times]);
  const more = useCallback(async () => {
    const next = new URLSearchParams(query);
    next.set('cursor', state.cursor);
    const { content, cursor } = await get(path, next);
    const [part] = state.answer.parts;
    const rows = [...part.rows, ...content.parts[0].rows];
    setState((before) => ({ ...before, cursor, answer: { ...before.answer, parts: [{ ...part, rows }] } }));
  }, [state.answer, state.cursor]);
  return {
    ...state,
    cancel: () => running.current?.abort(),
    again: () => setTimes((before) => before + 1),
    more: state.cursor ? more : null,
  };
}
