/**
 * What the agent can ask for. Each command is one request; its answer is awaited but never shown: what is shown comes
 * over the event socket. A command on a call or an offer names the one on the screen when it was clicked, so a late
 * click never hits the next caller.
 *
 * All reject with ProblemError.
 */

import { ProblemError } from '../net/problem.js';

/** @param {import('./store.js').Store} store @param {import('../net/api.js').Api} api */
export function createCommands(store, api) {
  const post = (path, body) => api.write('POST', path, body);
  const onCall = (action) => (callId = shownCall(store)) => post(`calls/${id(callId)}/${action}`);
  return rejecting({
    setStatus: (status, reason) => api.write('PUT', 'me/status', withReason(status, reason)),
    setNextStatus: (status, reason) =>
      api.write('PUT', 'me/next-status', status === null ? null : withReason(status, reason)),

    answer: (offerId = shownOffer(store)) => answer(store, post, offerId),
    decline: (offerId = shownOffer(store)) => post(`offers/${id(offerId)}/decline`),

    hold: onCall('hold'),
    resume: onCall('resume'),
    hangUp: onCall('hangup'),
    connect: onCall('consult/connect'),
    cancel: onCall('consult/cancel'),
    swap: onCall('consult/swap'),
    leave: onCall('consult/leave'),
    warn: onCall('warn'),
    stopWarning: onCall('warn/stop'),
    recall: (callId = store.state.lastCall?.call_id) => post(`calls/${id(callId)}/recall`),
    dial: (number, callingNumber) => post('me/dial', { number, calling_number: callingNumber }),

    callingNumbers: () => api.get('calling-numbers'),
    why: (ctiId, lang) => api.get(`agents/${id(ctiId)}/why`, { lang }),
  });
}

/** What goes wrong before a request is sent rejects too. */
export function rejecting(commands) {
  const late = ([name, command]) => [name, async (...given) => command(...given)];
  return Object.fromEntries(Object.entries(commands).map(late));
}

/** With the phone in the page, Answer lifts it; otherwise the server is asked to ring the phone. */
async function answer(store, post, offerId) {
  if (store.state.agent?.answer !== 'browser') return post(`offers/${id(offerId)}/answer`);
  if (store.state.agent.offer?.offer_id !== offerId) throw gone();
  return store.answerPhone(offerId);
}

/** The emergency number that is meant, however it is written (`cti_bridge/numbers/signs.py`); null when it is none.
 * @param {{emergency_numbers?: string[]}|null} settings @param {string} text */
export function emergencyNumber(settings, text) {
  const digits = String(text).replace(/[\uff01-\uff5e]/g, (wide) => String.fromCharCode(wide.charCodeAt(0) - 0xfee0))
    .replace(/[\s().\-\p{Cf}\p{Pd}\u2212\u30fc\uff70]/gu, '').replace(/^tel:/i, '');
  return settings?.emergency_numbers?.includes(digits) ? digits : null;
}

export function shownCall(store) {
  return store.state.agent?.call?.call_id;
}

function shownOffer(store) {
  return store.state.agent?.offer?.offer_id;
}

function withReason(status, reason) {
  return reason ? { status, reason } : { status };
}

/** An id in a path. Without one there was nothing on the screen to act on. */
export function id(value) {
  if (!value) throw gone();
  return encodeURIComponent(value);
}

function gone() {
  return new ProblemError({ code: 'call_changed', status: 409, detail: 'The call is no longer there.' });
}
