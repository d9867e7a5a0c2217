/** Who is writing keeps the field in which they write: no change of state takes the focus out of it. */
import { useRef } from '../vendor/preact-htm.js';
import { usePanel } from './hooks.js';

const FIELD = 'textarea,input:not([type=radio])';

const focused = (desk) => desk?.getRootNode().activeElement;

/** Whether a text field within `part` of the desk has the focus. */
export function isWriting(desk, part) {
  const at = focused(desk);
  return Boolean(at?.matches(FIELD) && at.closest(part));
}

/** Also between the last word and the click that sends it. */
function hasNote(desk) {
  const form = focused(desk)?.closest('.side-part form');
  return Boolean(form) && (isWriting(desk, '.side-part') || Boolean(form.querySelector('textarea')?.value));
}

const shown = ({ ticket, ticketLink, history }) => ({ ticket, ticketLink, history });

/** The panel's context, with the ticket in which somebody writes until they have left its note. */
export function useHeldTicket(desk) {
  const { store, state } = usePanel();
  const kept = useRef(shown(state));
  const other = kept.current.ticket?.ticket_id !== state.ticket?.ticket_id;
  if (!other || !hasNote(desk.current)) kept.current = shown(state);
  return { store, state: { ...state, ...kept.current } };
}
