/** Dial up: the customer's number and the calling number that the customer sees, an emergency number, which needs none, or a
 * colleague. */
import { html, useState } from '../vendor/preact-htm.js';
import { Button, Field, Refused } from './controls.js';
import { Dialog } from './dialog.js';
import { Emergency } from './emergency.js';
import { useAnswer, useCommands, usePanel } from './hooks.js';
import { Tabs } from './tabs.js';
import { Colleagues } from './colleagues.js';
import { emergencyNumber } from '../state/commands.js';
import { phoneNumber, serviceName } from './words.js';
import { t } from '../i18n/index.js';

/** `draft` keeps what was typed when an incoming call closes the dialog. */
const draft = { number: '', calling: '' };

export function DialDialog({ number, onClose }) {
  const commands = useCommands();
  const [chosen, choose] = useState('number');
  const tabs = [{ id: 'number', text: t('dial.to_number') }, { id: 'colleagues', text: t('dial.colleagues') }];
  return html`<${Dialog} title=${t('dial_up')} onClose=${onClose}>
    <${Tabs} name=${t('dial_up')} tabs=${tabs} chosen=${chosen} choose=${(id) => { commands.clear(); choose(id); }}>
      ${chosen === 'number' ? html`<${DialNumber} ...${commands} number=${number} onClose=${onClose} />`
        : html`<${Colleagues} ...${commands} onClose=${onClose} />`}
    <//>
  <//>`;
}

function DialNumber({ number: wanted, onClose, act, busy, problem, asked, clear }) {
  const { store, state } = usePanel();
  const [number, setNumber] = useState(wanted ?? draft.number);
  const [calling, setCalling] = useState(draft.calling);
  const [missing, miss] = useState(false);
  const [known, refused] = useAnswer(() => store.commands.callingNumbers());
  const usable = known?.filter((one) => one.state === 'confirmed') ?? [];
  const chosen = usable.some((one) => one.number === calling) ? calling : usable[0]?.number ?? '';
  const emergency = emergencyNumber(state.settings, number);
  const typed = (event) => {
    setNumber(draft.number = event.target.value);
    miss(false);
    clear();
  };
  const submit = (event) => {
    event.preventDefault();
    if (number.trim()) dial();
    else miss(true);
  };
  const dial = async () => {
    if ((chosen || emergency) && await act('dial', emergency ?? number.trim(), chosen || undefined)) {
      draft.number = '';
      onClose();
    }
  };
  return html`<form class="part" onSubmit=${submit}>
      <${Field} label=${t('dial.number')} type="tel" data-first value=${number} onInput=${typed} autocomplete="off"
        hint=${t('dial.number.hint')} error=${missing && t('number.missing')} />
      <${Field} as="select" label=${t('dial.calling')} value=${chosen} onChange=${(event) => setCalling(draft.calling = event.target.value)}
        error=${known && !chosen && !emergency && t('dial.no_calling')}>
        ${usable.map((one) => html`<option value=${one.number} key=${one.number} selected=${one.number === chosen}>
          ${phoneNumber(one.number)} · ${serviceName(state.settings, one.service)}</option>`)}
      <//>
      <${Refused} problem=${problem ?? refused} />
      ${asked?.number === emergency ? html`<${Emergency} ...${asked} />`
        : html`<div class="actions two"><${Button} type="submit" kind="primary" busy=${busy('dial')}
            why=${chosen || emergency ? undefined : t('dial.no_calling')}>${t('confirm')}<//>
          <${Button} onClick=${onClose}>${t('cancel')}<//></div>`}
    </form>`;
}
