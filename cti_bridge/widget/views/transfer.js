/** To whom the call goes: a colleague who is ready, a queue, a frequent number, or another one. Persons can be asked first. */
import { html, useState } from '../vendor/preact-htm.js';
import { Available } from './available.js';
import { Field, Refused } from './controls.js';
import { Dialog } from './dialog.js';
import { Frequent } from './frequent.js';
import { useCommands, usePanel } from './hooks.js';
import { Queues } from './queues.js';
import { Tabs } from './tabs.js';
import { Ways } from './ways.js';
import { t } from '../i18n/index.js';

const PARTS = { agents: Available, queues: Queues, frequent: Frequent, direct: Direct };

export function TransferDialog({ onClose }) {
  const { store, state } = usePanel();
  const commands = useCommands();
  const { act, problem, clear } = commands;
  const [memo, setMemo] = useState('');
  const go = async (command, target) => {
    if (await act(command, target)) onClose();
  };
  const choose = (id) => {
    clear();
    store.change({ transferTab: id });
  };
  const Part = PARTS[state.transferTab];
  const tabs = Object.keys(PARTS).map((id) => ({ id, text: t(`transfer.${id}`) }));
  return html`<${Dialog} title=${t('transfer')} onClose=${onClose}>
    <${Tabs} name=${t('transfer.to')} tabs=${tabs} chosen=${state.transferTab} choose=${choose}><${Part} ...${commands} go=${go}
      memo=${memo} write=${(event) => setMemo(event.target.value)} /><//>
    <${Refused} problem=${problem} />
  <//>`;
}

function Direct({ go, clear, ...commands }) {
  const [number, setNumber] = useState('');
  const [missing, miss] = useState(false);
  const checked = (command, target) => (target.number ? go(command, target) : miss(true));
  const typed = (event) => {
    setNumber(event.target.value);
    miss(false);
    clear();
  };
  const target = { number: number.trim() };
  const submit = (event) => {
    event.preventDefault();
    checked('consult', target);
  };
  return html`<form class="part" onSubmit=${submit}>
    <${Field} label=${t('transfer.number')} type="tel" data-first value=${number} onInput=${typed} autocomplete="off"
      hint=${t('transfer.number.hint')} error=${missing && t('number.missing')} />
    <${Ways} ...${commands} target=${target} go=${checked} kind="primary" />
    <p class="hint">${t('transfer.ways')}</p>
  </form>`;
}
