/** What the panel alerts of, as a pure function of the state. */

const TAKEN = new Set(['accepted', 'talking', 'on_hold', 'consulting', 'dialing', 'reconnecting']);

/**
 * The offer that rings here now, or null. It rings only in the tab that owns the sound, while the connection is there
 * to say that it still rings, until the server ends it or it is being answered. No clock has a say: where the PC's is
 * wrong, the countdown is, but nobody is missed.
 * @returns {{offerId: string, name: string, number: string, queue: string|null}|null}
 */
export function alertOf({ agent, connection, owner, phone }) {
  const offer = agent?.offer;
  if (!offer || !owner || connection !== 'open' || TAKEN.has(agent.state)) return null;
  if (phone.call === 'answering' || phone.call === 'up') return null;
  const call = agent.call ?? {};
  const number = call.customer_number ?? '';
  return { offerId: offer.offer_id, name: call.customer_name || number, number, queue: call.queue ?? null };
}
