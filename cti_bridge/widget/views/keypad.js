/** Digits for the menus of other houses. The pad itself can have the focus, for in Safari a key that is clicked has none. */
import { html, useState } from '../vendor/preact-htm.js';
import { Button, Refused } from './controls.js';
import { Dialog } from './dialog.js';
import { useCommands, usePanel } from './hooks.js';
import { t } from '../i18n/index.js';

const KEYS = [...'123456789*0#'];

/** Typed digits work as soon as it is open. */
export const KeypadSheet = ({ onClose }) => html`<${Dialog} title=${t('keypad')} onClose=${onClose}><${Keypad} /><//>`;

function Keypad() {
  const { agent } = usePanel().state;
  const both = (agent.call?.digits_to ?? []).length > 1 ? agent.call.digits_to : [];
  // With three it is most often the menu of the party that was called.
  const [to, setTo] = useState('target');
  const { act, problem } = useSequence(both.length ? to : undefined);
  const [sent, setSent] = useState('');
  const send = (digit) => {
    setSent((before) => (before + digit).slice(-24));
    act(digit);
  };
  const typed = (event) => {
    if (!event.altKey && !event.ctrlKey && !event.metaKey && KEYS.includes(event.key)) {
      event.preventDefault();
      if (!event.repeat) send(event.key);
    }
  };
  return html`<div class="keypad" role="group" tabindex="-1" data-first aria-label=${t('keypad')} onKeyDown=${typed}>
    ${both.length > 0 && html`<div class="ways" role="radiogroup" aria-label=${t('keypad.to')}>${both.map((party) =>
      html`<${Button} key=${party} kind=${to === party ? 'chosen' : ''} role="radio" aria-checked=${String(to === party)} local
        onClick=${() => setTo(party)}>${t(`consult.${party}`)}<//>`)}</div>`}
    <output class="keypad-sent time" aria-label=${t('keypad.sent')}>${sent || '\u00a0'}</output>
    <div class="keypad-keys">${KEYS.map((digit) => html`<${Button} key=${digit} data-again onClick=${() => send(digit)}>${digit}<//>`)}</div>
    <${Refused} problem=${problem} />
  </div>`;
}

/** Digits go out one after another, in the order in which they were pressed; those pressed meanwhile go together. */
function useSequence(to) {
  const { act, busy, problem } = useCommands();
  const [queue] = useState({ digits: '' });
  const next = async () => {
    while (queue.digits && !busy('sendDigits')) {
      const digits = queue.digits;
      queue.digits = '';
      await act('sendDigits', digits, to);
    }
  };
  const press = (digit) => {
    queue.digits += digit;
    next();
  };
  return { act: press, problem };
}
