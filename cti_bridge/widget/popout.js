/**
 * The panel in a window of its own.
 *
 * Beside a page of its own it is one more tab. Opened from a frame in a page of another site it could not be that: the
 * browser keeps such a frame's cookies, locks and channels apart from those of a window. But both are of one origin, so
 * the window draws the frame's store: one session, one phone, one sound, and no secret has to be handed over. When the
 * frame goes the window begins anew, with a session of its own where it has one.
 */

export const isPopOut = new URLSearchParams(location.search).has('popout');

export function openPopOut() {
  const url = new URL('./?popout', import.meta.url);
  window.open(url, 'cti-widget', 'popup,width=400,height=720')?.focus();
}

/** @returns {import('./state/store.js').Store|null} that of the frame which opened this window */
export function lentStore() {
  const { opener } = window;
  try {
    if (!isPopOut || opener.closed || opener.parent === opener) return null;
    const { store } = opener.document.querySelector('cti-widget');
    opener.addEventListener('pagehide', () => location.reload());
    return store;
  } catch {
    // There is no opener, or it is of another origin.
    return null;
  }
}
