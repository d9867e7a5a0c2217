/** The warning asks before it plays, and can be stopped while it does. */
import { html, useEffect, useRef } from '../vendor/preact-htm.js';
import { Button, Refused } from './controls.js';
import { Dialog } from './dialog.js';
import { useCommands, usePanel } from './hooks.js';
import { caller } from './words.js';
import { t } from '../i18n/index.js';

export function WarnSheet({ onClose }) {
  const { agent } = usePanel().state;
  const { act, busy, problem } = useCommands();
  const plays = agent.call.state === 'warning';
  const played = useRef(false);
  useEffect(() => {
    if (played.current && !plays) onClose();
    played.current = plays;
  }, [plays]);
  return html`<${Dialog} title=${t('warn')} onClose=${onClose}>
    <p role="status">${t(plays ? 'warn.plays' : 'warn.text', { name: caller(agent.call) })}</p>
    <${Refused} problem=${problem} />
    <div class="actions two">${plays
      ? html`<${Button} icon="stop" busy=${busy('stopWarning')} onClick=${() => act('stopWarning')}>${t('warn.stop')}<//>`
      : html`<${Button} kind="danger" busy=${busy('warn')} onClick=${() => act('warn')}>${t('warn.confirm')}<//>
        <${Button} data-first local onClick=${onClose}>${t('cancel')}<//>`}</div>
  <//>`;
}
