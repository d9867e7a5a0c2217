/** Force Disconnect: a reason, a note, and a word of what will happen. */
import { html, useState } from '../vendor/preact-htm.js';
import { Button, Field, Refused } from './controls.js';
import { Dialog } from './dialog.js';
import { useCommands, usePanel } from './hooks.js';
import { caller, named } from './words.js';
import { t } from '../i18n/index.js';

export function ForceDialog({ onClose }) {
  const { agent, settings } = usePanel().state;
  const { act, busy, problem } = useCommands();
  const [reason, setReason] = useState('');
  const [note, setNote] = useState('');
  const submit = async (event) => {
    event.preventDefault();
    if (reason && await act('forceDisconnect', reason, note.trim() || undefined)) onClose();
  };
  return html`<${Dialog} title=${t('force')} onClose=${onClose}>
    <form class="part" onSubmit=${submit}>
      <p>${t('force.text', { name: caller(agent.call) })}</p>
      <fieldset class="reasons"><legend>${t('force.reason')}</legend>
        ${(settings?.force_disconnect_reasons ?? []).map((code, index) => html`<label class="reason" key=${code}>
          <input type="radio" name="reason" value=${code} checked=${reason === code} data-first=${index === 0 || null} onChange=${() => setReason(code)} />
          <span>${named('force_reason', code)}</span></label>`)}
      </fieldset>
      <${Field} as="textarea" label=${t('force.note')} rows="2" maxlength="2000" value=${note} onInput=${(event) => setNote(event.target.value)} />
      <${Refused} problem=${problem} />
      <div class="actions two"><${Button} type="submit" kind="danger" busy=${busy('forceDisconnect')}
          why=${reason ? undefined : t('force.choose')}>${t('force.confirm')}<//>
        <${Button} onClick=${onClose}>${t('cancel')}<//></div>
    </form>
  <//>`;
}
