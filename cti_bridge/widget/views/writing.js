/** Who is writing keeps the field in which they write: no change of state takes the focus out of it. */
import { useRef } from '../vendor/preact-htm.js';
import { usePanel } from './hooks.js';

/** Whether a text field within `part` of the desk has the focus. */
export function isWriting(desk, part) {
  const at = desk?.getRootNode().activeElement;
  return Boolean(at?.matches('textarea,input:not([type=radio])') && at.closest(part));
}

const shown = ({ ticket, ticketLink, history }) => ({ ticket, ticketLink, history });

/** The panel's context, with the ticket in which somebody writes until they have left its field. */
export function useHeldTicket(desk) {
  const { store, state } = usePanel();
  const kept = useRef(shown(state));
  const other = kept.current.ticket?.ticket_id !== state.ticket?.ticket_id;
  if (!other || !isWriting(desk.current, '.side-part')) kept.current = shown(state);
  return { store, state: { ...state, ...kept.current } };
}
