/**
 * Which ticket stands in front, and where a comment lands.
 *
 * While a call is there its own ticket stands in front, or none until it exists. Another one stands there for as long as
 * the agent wants it: opened by the agent, or because the agent is writing in it. That one says that it is not the call's.
 */

import { placeOfCall } from './drafts.js';

/** Whoever has written nothing for so long is not interrupted by a ticket that opens. */
const WRITING_MS = 60_000;

/** The ticket in front is another one than that of the present call. */
export function isOther({ ticket, agent }) {
  const call = agent?.call ?? null;
  return ticket !== null && call !== null && ticket.call_id !== call.call_id;
}

/** The agent is in the middle of a comment on the ticket in front: it must not go from under their hands. */
export function isWriting({ ticket, writing, drafts }, nowMs = Date.now()) {
  const draft = ticket && writing === ticket.ticket_id ? drafts[writing] : null;
  return Boolean(draft?.text.trim()) && nowMs - draft.at < WRITING_MS;
}

/** What was written for a call that never got a ticket, while nothing else is in front: `{place, draft}` or null. */
export function orphan({ ticket, agent, drafts }) {
  if (ticket || agent?.call) return null;
  const place = Object.keys(drafts).findLast((one) => one.startsWith(placeOfCall('')));
  return place ? { place, draft: drafts[place] } : null;
}

/**
 * Where what is written now lands: `{place, key, ticketId, other}`. `place` is that of the draft, `key` stays the same
 * when the call's ticket opens, `ticketId` is null as long as there is none to send it to.
 */
export function landing(state) {
  const { ticket } = state;
  const call = state.agent?.call ?? null;
  if (ticket) return { place: ticket.ticket_id, key: ticket.call_id, ticketId: ticket.ticket_id, other: isOther(state) };
  // Between colleagues there is none.
  if (!call || call.direction === 'internal' || state.closedFor === call.call_id) return null;
  const ticketId = call.ticket_id ?? null;
  return { place: ticketId ?? placeOfCall(call.call_id), key: call.call_id, ticketId, other: false };
}

/** There is something to show beside the call. */
export const hasFront = (state) => landing(state) !== null || orphan(state) !== null;
