/** Colleagues who are ready. Looked at again while they are shown, for they come and go. */
import { html, useState } from '../vendor/preact-htm.js';
import { Field, Refused } from './controls.js';
import { useAnswer, usePanel, useSettled } from './hooks.js';
import { News, useSteady } from './steady.js';
import { Ways } from './ways.js';
import { t } from '../i18n/index.js';

const LOOK_EVERY_MS = 3000;
const TYPING_MS = 200;
const idOf = (agent) => agent.cti_id;

export function Available({ go, busy }) {
  const { store } = usePanel();
  const [text, setText] = useState('');
  const wanted = useSettled(text.trim(), TYPING_MS);
  const [agents, problem] = useAnswer(() => store.commands.availableAgents(wanted), wanted, LOOK_EVERY_MS);
  return html`<div class="part">
    <${Field} label=${t('transfer.search')} type="search" value=${text} onInput=${(event) => setText(event.target.value)} autocomplete="off" />
    <${Refused} problem=${problem} />
    <${Colleagues} key=${wanted} agents=${agents} wanted=${wanted} go=${go} busy=${busy} />
  </div>`;
}

/** What is searched for anew is another list. */
function Colleagues({ agents, wanted, go, busy }) {
  const { rows, news, take, within } = useSteady(agents, idOf);
  return html`<div class="steady" ...${within}><${News} count=${news} take=${take} />
    ${rows?.length === 0 && html`<p class="hint" role="status">${t(wanted ? 'transfer.none_found' : 'transfer.none_ready')}</p>`}
    <ul class="targets">${rows?.map((one) => html`<li key=${one.cti_id} class=${`target ${one.over ? 'over-now' : ''}`}>
      <span class="target-who"><strong title=${one.name}>${one.name}</strong><span class="hint">${one.cti_number}</span></span>
      <${Ways} target=${{ agent: one.cti_id }} name=${one.name} go=${go} busy=${busy} why=${one.over && t('transfer.not_ready_now')} />
    </li>`)}</ul>
  </div>`;
}
