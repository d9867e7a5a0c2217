/** Colleagues who are ready. Looked at again while they are shown, for they come and go. */
import { html, useState } from '../vendor/preact-htm.js';
import { Field, Refused } from './controls.js';
import { useAnswer, usePanel, useSettled } from './hooks.js';
import { Ways } from './ways.js';
import { t } from '../i18n/index.js';

const LOOK_EVERY_MS = 3000;
const TYPING_MS = 200;

export function Available({ go, busy }) {
  const { store } = usePanel();
  const [text, setText] = useState('');
  const wanted = useSettled(text.trim(), TYPING_MS);
  const [agents, problem] = useAnswer(() => store.commands.availableAgents(wanted), wanted, LOOK_EVERY_MS);
  return html`<div class="part">
    <${Field} label=${t('transfer.search')} type="search" value=${text} onInput=${(event) => setText(event.target.value)} autocomplete="off" />
    <${Refused} problem=${problem} />
    ${agents?.length === 0 && html`<p class="hint" role="status">${t(wanted ? 'transfer.none_found' : 'transfer.none_ready')}</p>`}
    <ul class="targets">${agents?.map((one) => html`<li key=${one.cti_id} class="target">
      <span class="target-who"><strong title=${one.name}>${one.name}</strong><span class="hint">${one.cti_number}</span></span>
      <${Ways} target=${{ agent: one.cti_id }} name=${one.name} go=${go} busy=${busy} />
    </li>`)}</ul>
  </div>`;
}
