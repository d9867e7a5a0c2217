/** Frequently used numbers: the agent's own, added and removed here. */
import { html, useState } from '../vendor/preact-htm.js';
import { Button, Field, IconButton, Refused } from './controls.js';
import { useAnswer, useCommands, usePanel } from './hooks.js';
import { Ways } from './ways.js';
import { phoneNumber } from './words.js';
import { t } from '../i18n/index.js';

export function Frequent({ go, busy, asked }) {
  const { store } = usePanel();
  const [numbers, problem, again] = useAnswer(() => store.commands.frequentNumbers());
  const [adding, setAdding] = useState(false);
  const own = useCommands();
  const remove = async (id) => {
    await own.act('removeFrequentNumber', id);
    again();
  };
  const added = () => {
    setAdding(false);
    again();
  };
  return html`<div class="part">
    ${adding && html`<${Add} added=${added} cancelled=${() => setAdding(false)} />`}
    <${Refused} problem=${own.problem ?? problem} />
    ${numbers?.length === 0 && !adding && html`<p class="hint">${t('frequent.none')}</p>`}
    <ul class="targets">${numbers?.map((one) => html`<li key=${one.id} class="target">
      <span class="target-who"><strong title=${one.label}>${one.label}</strong><span class="hint">${phoneNumber(one.number)}</span></span>
      <${IconButton} icon="close" name=${t('frequent.remove', { label: one.label })} busy=${own.busy('removeFrequentNumber')} onClick=${() => remove(one.id)} />
      <${Ways} target=${{ number: one.number }} name=${one.label} go=${go} busy=${busy} asked=${asked} />
    </li>`)}</ul>
    ${!adding && html`<${Button} icon="plus" kind="small" onClick=${() => setAdding(true)}>${t('add')}<//>`}
  </div>`;
}

function Add({ added, cancelled }) {
  const { act, busy, problem } = useCommands();
  const [number, setNumber] = useState('');
  const [name, setName] = useState('');
  const submit = async (event) => {
    event.preventDefault();
    if (number.trim() && name.trim() && await act('addFrequentNumber', number.trim(), name.trim())) added();
  };
  return html`<form class="add" onSubmit=${submit} aria-label=${t('frequent.add')}>
    <${Field} label=${t('frequent.number')} type="tel" required autofocus value=${number} onInput=${(event) => setNumber(event.target.value)} autocomplete="off" />
    <${Field} label=${t('frequent.label')} required maxlength="64" value=${name} onInput=${(event) => setName(event.target.value)} autocomplete="off" />
    <${Refused} problem=${problem} what="frequent" />
    <div class="actions two"><${Button} type="submit" busy=${busy('addFrequentNumber')}>${t('frequent.save')}<//>
      <${Button} kind="quiet" onClick=${cancelled}>${t('cancel')}<//></div>
  </form>`;
}
