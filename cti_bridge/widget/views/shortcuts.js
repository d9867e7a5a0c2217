/**
 * Keys. Each shortcut presses the button that shows it (`aria-keyshortcuts`), so it does what the button does, and
 * nothing while the button cannot be used. Letters go by their place on the keyboard: they work under any layout, such
 * as the Korean one.
 */
import { useEffect } from '../vendor/preact-htm.js';

export const SHORTCUTS = [
  ['Alt+A', 'answer'], ['Alt+X', 'cancel_call'], ['Alt+H', 'hold_resume'], ['Alt+T', 'transfer'], ['Alt+K', 'keypad'],
  ['Alt+Q', 'hang_up'], ['Alt+N', 'dial_up'], ['Alt+R', 'status.ready'], ['Alt+M', 'phone.mute'], ['Alt+P', 'recording.keys'],
];

const OURS = new Set(SHORTCUTS.map(([keys]) => keys));
const isMac = /^Mac/.test(navigator.platform);

/** `root()` is the element in which buttons are looked for. A menu that is closed answers for its items. */
export function useShortcuts(root) {
  useEffect(() => {
    const pressed = (event) => {
      if (!event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || !event.code.startsWith('Key')) return;
      const keys = `Alt+${event.code.slice(3)}`;
      // Firefox has menus of its own behind these: Help must not open over a call that has just ended. On a Mac they type.
      if (OURS.has(keys) && !isMac) event.preventDefault();
      const button = root().querySelector(`[aria-keyshortcuts="${keys}"],[data-shortcuts~="${keys}"]`);
      if (!button) return;
      event.preventDefault();
      if (event.repeat) return;
      // A sheet gives the focus back to what had it; what is being typed in keeps it.
      if (!button.getRootNode().activeElement) button.focus();
      const click = new MouseEvent('click', { bubbles: true, cancelable: true });
      click.keys = keys;
      button.dispatchEvent(click);
    };
    addEventListener('keydown', pressed);
    return () => removeEventListener('keydown', pressed);
  }, []);
}
