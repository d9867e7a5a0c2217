/** How good the connection of a call is, from what the browser measures (WebRTC statistics). */

const GOOD = { loss: 0.02, jitterMs: 30, roundTripMs: 250 };
const FAIR = { loss: 0.06, jitterMs: 60, roundTripMs: 500 };

/** @param {{loss: number, jitterMs: number, roundTripMs: number}} measured `loss` is a share of 1
 * @returns {'good'|'fair'|'poor'} */
export function grade(measured) {
  const within = (limits) => Object.keys(limits).every((name) => measured[name] <= limits[name]);
  if (within(GOOD)) return 'good';
  return within(FAIR) ? 'fair' : 'poor';
}

/**
 * What has happened between two reports.
 * @param {Iterable<object>} statistics of an RTCPeerConnection @param {{lost: number, received: number}|null} before
 * @returns {{counted: {lost: number, received: number}, measured: object|null}} `measured` is null while there is
 * nothing to compare; no packet at all in the meantime counts as lost
 */
export function measure(statistics, before) {
  let counted = { lost: 0, received: 0 };
  let jitterMs = 0;
  let roundTripMs = 0;
  let lossThere = 0;
  for (const one of statistics) {
    if (one.type === 'inbound-rtp' && one.kind === 'audio') {
      counted = { lost: one.packetsLost ?? 0, received: one.packetsReceived ?? 0 };
      jitterMs = (one.jitter ?? 0) * 1000;
    } else if (one.type === 'remote-inbound-rtp' && one.kind === 'audio') {
      lossThere = one.fractionLost ?? 0;
      roundTripMs = (one.roundTripTime ?? 0) * 1000;
    }
  }
  if (!before) return { counted, measured: null };
  const lost = Math.max(0, counted.lost - before.lost);
  const all = lost + Math.max(0, counted.received - before.received);
  const loss = Math.max(all === 0 ? 1 : lost / all, lossThere);
  return { counted, measured: { loss, jitterMs, roundTripMs } };
}
