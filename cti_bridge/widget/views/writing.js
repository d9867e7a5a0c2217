/** Whether somebody is writing: what they write in must not go from under their fingers. */
const FIELD = 'textarea,input:not([type=radio])';

/** Whether a text field within `part` of the desk has the focus. */
export function isWriting(desk, part) {
  const at = desk?.getRootNode().activeElement;
  return Boolean(at?.matches(FIELD) && at.closest(part));
}
