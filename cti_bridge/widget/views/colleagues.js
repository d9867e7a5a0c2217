/** Colleagues who can be called without a customer, whatever they are at. */
import { html, useState } from '../vendor/preact-htm.js';
import { Button, Field, Refused } from './controls.js';
import { useAnswer, usePanel, useSettled } from './hooks.js';
import { News, useSteady } from './steady.js';
import { t } from '../i18n/index.js';

const LOOK_EVERY_MS = 3000;
const TYPING_MS = 200;
const idOf = (agent) => agent.cti_id;

export function Colleagues({ act, busy, problem, onClose }) {
  const { store, state } = usePanel();
  const [text, setText] = useState('');
  const wanted = useSettled(text.trim(), TYPING_MS);
  const [found, refused] = useAnswer(() => store.commands.colleagues(wanted), wanted, LOOK_EVERY_MS);
  const agents = found?.filter((one) => one.cti_id !== state.agent.cti_id);
  const call = async (one) => {
    if (await act('callColleague', one.cti_id)) onClose();
  };
  return html`<div class="part">
    <${Field} label=${t('transfer.search')} type="search" value=${text} onInput=${(event) => setText(event.target.value)} autocomplete="off" />
    <${Refused} problem=${problem ?? refused} />
    <${Rows} key=${wanted} agents=${agents} call=${call} busy=${busy} />
  </div>`;
}

function Rows({ agents, call, busy }) {
  const { rows, news, take, within } = useSteady(agents, idOf);
  return html`<div class="steady" ...${within}><${News} count=${news} take=${take} />
    ${rows?.length === 0 && html`<p class="hint" role="status">${t('transfer.none_found')}</p>`}
    <ul class="targets">${rows?.map((one) => html`<li key=${one.cti_id} class=${`target ${one.over ? 'over-now' : ''}`}>
      <span class="target-who"><strong title=${one.name}>${one.name}</strong><span class="hint">${one.cti_number} · ${one.label}</span></span>
      <${Button} name=${`${t('dial.call')}: ${one.name}`} busy=${busy('callColleague')}
        why=${one.label === 'Offline' || one.over ? t('dial.not_there') : undefined} onClick=${() => call(one)}>${t('dial.call')}<//>
    </li>`)}</ul>
  </div>`;
}
