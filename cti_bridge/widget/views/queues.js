/** Queues of the call's service, as they are now: the call waits there with its first arrival, and the agent is free. */
import { html } from '../vendor/preact-htm.js';
import { Button, Field, Refused } from './controls.js';
import { useAnswer, usePanel } from './hooks.js';
import { News, useSteady } from './steady.js';
import { counted, when } from './words.js';
import { t } from '../i18n/index.js';

const LOOK_EVERY_MS = 3000;
/** The minutes that callers are told too. */
const BRACKETS = [1, 2, 5, 10, 20];
/** From here on the wait is shown as long. */
const LONG_S = 600;
const idOf = (queue) => queue.id;

export function Queues({ go, busy, memo, write }) {
  const { store, state } = usePanel();
  const { call, allowed_actions: may } = state.agent;
  const [queues, problem] = useAnswer(() => store.commands.queues(), '', LOOK_EVERY_MS);
  const { rows, news, take, within } = useSteady(queues?.filter((one) => one.service === call?.service), idOf);
  const send = (queue) => go('transfer', { queue, memo: memo.trim() || undefined });
  return html`<div class="part"><${Refused} problem=${problem} />
    <div class="steady" ...${within}><${News} count=${news} take=${take} />
      ${rows?.length === 0 && html`<p class="hint" role="status">${t('transfer.no_queues')}</p>`}
      <ul class="targets">${rows?.map((one) => {
        const way = t(one.closed ? 'transfer.closed' : 'transfer.connect');
        return html`<li key=${one.id} class="target">
          <span class="target-who"><strong title=${one.id}>${one.id}</strong><span class="hint">${said(one)}</span></span>
          <${Button} kind="small" name=${`${way}: ${one.id}`} busy=${busy('transfer')} why=${refused(one, may)} onClick=${() => send(one.id)}>${way}<//>
        </li>`;
      })}</ul>
    </div>
    <${Field} as="textarea" label=${t('transfer.memo')} hint=${t('transfer.memo.hint')} rows="2" maxlength="10000" value=${memo} onInput=${write} />
  </div>`;
}

function refused(queue, may) {
  if (queue.over || !may.includes('transfer')) return t('not_now');
  return queue.closed ? closed(queue) : undefined;
}

const closed = ({ opens_at }) => (opens_at ? t('transfer.closed_until', { at: when(opens_at) }) : t('transfer.closed'));

function said(queue) {
  if (queue.closed) return closed(queue);
  const { waiting, agents_working: working, expected_wait_s: wait_s } = queue;
  const long = !working || wait_s >= LONG_S;
  const last = working ? expected(queue) : t('transfer.none_work');
  return html`${counted('transfer.wait', waiting)} · ${working > 0 && `${counted('transfer.work', working)} · `}<span class=${long ? 'long' : ''}>${last}</span>`;
}

/** As far as it is known. */
function expected({ waiting, agents_ready: ready, expected_wait_s: wait_s }) {
  if (ready > 0 && !waiting) return t('transfer.now');
  if (wait_s === null) return '–';
  const at = BRACKETS.findIndex((minutes) => wait_s < minutes * 60);
  if (at < 0) return t('transfer.over', { minutes: BRACKETS.at(-1) });
  return t(at ? 'transfer.within' : 'transfer.under', { from: BRACKETS[at - 1], minutes: BRACKETS[at] });
}
