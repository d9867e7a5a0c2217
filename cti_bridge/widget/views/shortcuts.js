/**
 * Keys. Each shortcut presses the button that shows it (`aria-keyshortcuts`), so it does what the button does, and
 * nothing while the button cannot be used. Letters go by their place on the keyboard: they work under any layout, such
 * as the Korean one.
 */
import { useEffect } from '../vendor/preact-htm.js';

export const SHORTCUTS = [
  ['Alt+A', 'answer'], ['Alt+X', 'cancel_call'], ['Alt+H', 'hold_resume'], ['Alt+T', 'transfer'], ['Alt+K', 'keypad'],
  ['Alt+Q', 'hang_up'], ['Alt+N', 'dial_up'], ['Alt+R', 'status.ready'], ['Alt+M', 'phone.mute'],
];

/** `root()` is the element in which buttons are looked for; a modal dialog there keeps all others away. */
export function useShortcuts(root) {
  useEffect(() => {
    const pressed = (event) => {
      if (!event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || !event.code.startsWith('Key')) return;
      const within = root().querySelector('dialog[open]') ?? root();
      const button = within.querySelector(`[aria-keyshortcuts="Alt+${event.code.slice(3)}"]`);
      if (!button || button.closest('[inert]')) return;
      event.preventDefault();
      if (event.repeat) return;
      // A dialog gives the focus back to what had it; what is being typed in keeps it.
      if (!button.getRootNode().activeElement) button.focus();
      button.click();
    };
    addEventListener('keydown', pressed);
    return () => removeEventListener('keydown', pressed);
  }, []);
}
