/** Messages that callers have left, and callers who want to be called: those of the agent's queues, oldest first. */
import { html, useEffect, useState } from '../vendor/preact-htm.js';
import { Button, Refused } from './controls.js';
import { Dialog } from './dialog.js';
import { useAnswer, useCommands, usePanel } from './hooks.js';
import { canDialUp } from './idle.js';
import { named, phoneNumber, when } from './words.js';
import { t } from '../i18n/index.js';

const EVERY_MS = 15_000;

export function MessagesSheet({ onClose }) {
  const { store, state } = usePanel();
  const [list, problem, again] = useAnswer(() => store.commands.messages(), '', EVERY_MS);
  return html`<${Dialog} title=${t('messages')} onClose=${onClose}>
    <${Refused} problem=${problem} />
    ${list?.length === 0 && html`<p class="hint" role="status">${t('messages.none')}</p>`}
    <ul class="targets">${list?.map((one) => html`<${Message} key=${one.callback_id} message=${one} again=${again}
      dialled=${canDialUp(state.agent) && onClose} />`)}</ul>
  <//>`;
}

function Message({ message, again, dialled }) {
  const { act, busy, problem } = useCommands();
  const { callback_id, version, number, calling_number, name, kind, queue, placed_at, length_s, recording_id } = message;
  const who = name || phoneNumber(number);
  const done = async () => { if (await act('messageDone', callback_id, version)) again(); };
  const call = async () => { if (await act('dial', number, calling_number)) dialled(); };
  const length = length_s ? ` · ${t('messages.seconds', { count: Math.round(length_s) })}` : '';
  return html`<li class="target message">
    <span class="target-who"><strong>${who}</strong>
      <span class="hint">${name && number && `${phoneNumber(number)} · `}${named('messages.kind', kind)} · ${queue} · ${when(placed_at)}${length}</span></span>
    ${recording_id && html`<${Player} recording=${recording_id} name=${who} />`}
    <${Refused} problem=${problem} />
    <div class="actions two">
      <${Button} kind="small" busy=${busy('messageDone')} onClick=${done}>${t('messages.done')}<//>
      ${dialled && number && calling_number && html`<${Button} kind="small" icon="phone" busy=${busy('dial')}
        onClick=${call}>${t('transfer.connect')}<//>`}</div>
  </li>`;
}

/** The audio is fetched when it is asked for, not for each line that is shown. */
function Player({ recording, name }) {
  const { store } = usePanel();
  const [source, problem] = useAnswer(() => store.commands.audioOf(recording), recording);
  const [broken, breaks] = useState(false);
  useEffect(() => () => { if (source?.startsWith('blob:')) URL.revokeObjectURL(source); }, [source]);
  if (broken || problem) return html`<p class="hint" role="status">${t('messages.unheard')}</p>`;
  return source && html`<audio controls preload="none" src=${source} aria-label=${name} onError=${() => breaks(true)}></audio>`;
}
