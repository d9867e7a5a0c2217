/** Beside the agents: the queues of the service, and who waits, the next one first. */
import { html, useState } from '../vendor/preact-htm.js';
import { Nothing } from './agents.js';
import { inOrder } from './house.js';
import { Menu } from './menu.js';
import { formula, passed, percent, expected } from '../watching/words.js';
import { secondsSince } from '../watching/tick.js';
import { Button } from '../views/controls.js';
import { Since } from '../views/timer.js';
import { News, useSteady } from '../views/steady.js';
import { phoneNumber } from '../views/words.js';
import { t } from '../i18n/index.js';

const FIRST = 50;
const TONES = { warn: 'over', alarm: 'late' };

export function Queues({ queues, services, now }) {
  return html`<section class="card tabled queues" aria-labelledby="queues-title">
    <header class="head"><h2 id="queues-title" class="grow">${t('live.queues')}</h2><span class="hint">${t('live.today')}</span></header>
    ${queues.length === 0 ? html`<${Nothing} title=${t('live.none.queues')} />` : html`<table><thead><tr><th scope="col">${t('column.queue')}</th>
      <th scope="col" class="n">${t('column.waiting')}</th><th scope="col" class="n">${t('column.longest')}</th><th scope="col" class="n">${t('column.level')}</th></tr></thead>
    <tbody>${queues.map((queue) => html`<${Queue} key=${queue.id} queue=${queue} now=${now} />`)}</tbody></table>
    ${services.map((service) => html`<p class="hint formula" key=${service.id}>${formula(service).name} ${formula(service).text}</p>`)}`}
  </section>`;
}

function Queue({ queue, now }) {
  const longest_s = queue.longest_since ? secondsSince(queue.longest_since, now) : null;
  const tone = (value, limits, below) => TONES[passed(value, limits, below).tone] ?? '';
  const { limits } = queue;
  return html`<tr><th scope="row"><b>${queue.id}</b><small>${queue.open ? t('queue.works', queue) : t('queue.closed')}</small></th>
    <td class="n"><span class=${`st ${tone(queue.waiting, limits.waiting)}`}><b>${queue.waiting}</b></span></td>
    <td class="n"><span class=${`st ${tone(longest_s, limits.longest_s)}`}>${queue.longest_since ? html`<${Since} at=${queue.longest_since} label=${t('column.longest')} />` : '–'}</span></td>
    <td class="n"><span class=${`st ${tone(queue.service_level, limits.service_level, true)}`}>${percent(queue.service_level)}</span></td></tr>`;
}

const idOf = ({ row }) => row.call_id;

export function Waiting({ waiting, queues, now, may, ask, act }) {
  const [all, showAll] = useState(false);
  const { rows, news, take, within } = useSteady(inOrder(waiting), idOf);
  const byId = Object.fromEntries(queues.map((queue) => [queue.id, queue]));
  const shown = all ? rows : rows.slice(0, FIRST);
  return html`<section class="card tabled waiting-calls" aria-labelledby="waiting-title">
    <header class="head"><h2 id="waiting-title" class="grow">${t('live.waiting')} <span class="count">${waiting.length}</span></h2></header>
    <div class="rows" ...${within}><${News} count=${news} take=${take} />
    ${rows.length === 0 ? html`<${Nothing} title=${t('live.none.waiting')} text=${t('live.none.waiting.text')} />`
      : html`<ul class="calls">${shown.map(({ row, place, over }) => html`<${Caller} key=${row.call_id} row=${row} place=${place} over=${over} now=${now} byId=${byId} may=${may} ask=${ask} act=${act} />`)}</ul>
      ${rows.length > shown.length && html`<${Button} kind="quiet wide" local onClick=${() => showAll(true)}>${t('live.more', { count: rows.length })}<//>`}`}
    </div>
  </section>`;
}

function Caller({ row, place, over, now, byId, may, ask, act }) {
  const number = phoneNumber(row.customer_number);
  const queue = byId[row.queue];
  const tone = TONES[passed(secondsSince(row.since, now), queue?.limits.longest_s ?? []).tone] ?? '';
  const words = [row.queue, over ? t('live.ended') : row.rings ? t('waiting.rings') : t('waiting.place', { number: place }),
    place === 1 && !row.rings && queue?.expected && expected(queue.expected)].filter(Boolean);
  const others = Object.values(byId).filter(({ id, service }) => service === row.service && id !== row.queue);
  const items = () => [
    { text: t('act.front'), on: () => act('toFront', row.call_id) },
    ...others.map(({ id }) => ({ text: t('act.move', { queue: id }), on: () => act('moveTo', row.call_id, id) })),
    may.unmask && row.customer_number && { text: t('act.number'), on: () => ask({ kind: 'number', name: number, callId: row.call_id }) },
    { text: t('act.why_waits'), on: () => ask({ kind: 'why_waits', callId: row.call_id, name: number }) },
  ].filter(Boolean);
  return html`<li class=${over ? 'over-now' : ''}><span class="who"><b class="num">${number}</b><small>${words.join(' · ')}</small></span>
    <span class=${`st ${tone}`}><${Since} at=${row.since} label=${t('column.waiting')} /></span>
    ${!over && html`<${Menu} name=${t('waiting.more', { number })} items=${items} />`}</li>`;
}
