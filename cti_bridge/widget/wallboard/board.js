/** The wallboard: one view at a time, readable from five metres. Nothing on it needs a click. */
import { html, useEffect, useLayoutEffect, useRef, useState } from '../vendor/preact-htm.js';
import { MOST_ROWS, isAlarm, lateIn, lateInTeam, viewsOf } from './figures.js';
import { alertsOf } from '../watching/alerts.js';
import { expected, formula, percent } from '../watching/words.js';
import { secondsSince, useNow } from '../watching/tick.js';
import { usePanel } from '../views/hooks.js';
import { Icon } from '../watching/icons.js';
import { spent } from '../views/timer.js';
import { clockTime } from '../views/words.js';
import { currentLanguage, t } from '../i18n/index.js';

const STALE_MS = 5_000;
const EVERY_S = [5, 10, 20, 30, 60];
const NEW_ALARM_MS = 10_000;
const SHOWN_ALERTS = 2;
const query = () => new URLSearchParams(location.search);

/** How often views change, in seconds, by the address: 0 is never. */
function usualEvery() {
  const asked = query().get('every');
  return asked === '0' || asked === 'off' ? 0 : Math.min(60, Math.max(5, Number(asked) || 10));
}

export function Board() {
  const { sections, heardMs, connection } = usePanel().state;
  const now = useNow();
  const only = query().get('service');
  const views = viewsOf(sections, only);
  const [every, setEvery] = useState(usualEvery);
  const [at, go] = useView(views, every, now);
  const stale = connection !== 'open' && Date.now() - heardMs > STALE_MS || Date.now() - heardMs > 2 * STALE_MS;
  const view = views[at];
  const choose = (seconds) => {
    setEvery(seconds);
    const search = query();
    search.set('every', seconds || 'off');
    history.replaceState(null, '', `?${search}`);
  };
  const keyed = ({ key, target }) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[key];
    if (step && !target.matches?.('select')) go(step);
  };
  // Before it is drawn: who sees a view can go to the next one.
  useLayoutEffect(() => {
    addEventListener('keydown', keyed);
    return () => removeEventListener('keydown', keyed);
  });
  return html`<div class=${`board ${stale ? 'stale' : ''} ${view?.kind ?? ''}`}>
    <${Top} view=${view} at=${at} of=${views.length} now=${now} stale=${stale} every=${every} choose=${choose} />
    <main class="grid" tabindex="-1">
      ${!view ? html`<p class="nothing">${t('board.none')}</p>`
        : view.kind === 'queues' ? html`<${Queues} view=${view} now=${now} />` : html`<${Teams} view=${view} />`}
    </main>
    <${Foot} view=${view} alerts=${alertsOf(sections, now, only)} stale=${stale} heardMs=${heardMs} />
  </div>`;
}

/** The view that is shown, and how to go to another one. While there is an alarm only views with one take turns. */
function useView(views, every, now) {
  const [at, show] = useState(0);
  const since = useRef(now);
  const place = Math.min(at, Math.max(0, views.length - 1));
  const go = (step) => {
    since.current = Date.now();
    show((place + step + views.length) % Math.max(1, views.length));
  };
  useEffect(() => {
    if (!every || Date.now() - since.current < every * 1000) return;
    since.current = Date.now();
    const behind = views.map((_, step) => (place + step + 1) % views.length);
    const wanted = behind.find((one) => isAlarm(views[one], now)) ?? (place + 1) % Math.max(1, views.length);
    if (views.length > 1) show(wanted);
  }, [now]);
  useLayoutEffect(() => { since.current = Date.now(); }, [every]);
  return [place, go];
}

function Top({ view, at, of, now, stale, every, choose }) {
  const { service, kind } = view ?? {};
  const zone = service?.timezone;
  const clock = new Intl.DateTimeFormat(currentLanguage(), { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone: zone || undefined });
  const notes = service ? [service.emergency && t('board.emergency'), service.overridden.length > 0
    && t('board.overridden', { names: service.overridden.join(', ') })].filter(Boolean) : [];
  return html`<header class="top">
    <div class="names"><h1>${service?.name ?? t('board.title')}</h1>
      ${view && html`<span class="v">${t(`board.${kind}`)}${of > 1 ? ` · ${at + 1}/${of}` : ''}</span>`}
      ${notes.length > 0 && html`<p class="notes"><${Icon} name="warn" />${notes.join(' · ')}</p>`}</div>
    <div class="controls">
      <label>${t('board.every')} <select value=${every} onChange=${(event) => choose(Number(event.target.value))}>
        ${[...new Set([...EVERY_S, ...(every ? [every] : [])])].map((s) => html`<option value=${s} selected=${s === every}>${t('board.every.s', { number: s })}</option>`)}
        <option value="0" selected=${every === 0}>${t('board.every.off')}</option></select></label>
      <button type="button" onClick=${() => document.documentElement.requestFullscreen?.()}>${t('board.full')}</button>
      <button type="button" onClick=${() => open(location.href, 'cti-wallboard', 'popup,width=1280,height=720')}>${t('board.popout')}</button>
    </div>
    <span class=${`live ${stale ? 'lost' : ''}`} role="status"><span class="dot"></span>${t(stale ? 'connection.reconnecting' : 'watching.live')}</span>
    <time class="clock">${clock.format(now)}</time>
  </header>`;
}

/** A cell with its figure, and below it why it is late. A new alarm has a frame for ten seconds. */
function Cell({ size = 'z', late = {}, label, children }) {
  const { tone = '', cause } = late;
  const alarmed = useRef(0);
  if (tone !== 'alarm') alarmed.current = 0;
  else alarmed.current ||= Date.now();
  const fresh = tone === 'alarm' && Date.now() - alarmed.current < NEW_ALARM_MS;
  return html`<td class=${`c ${tone} ${fresh ? 'fresh' : ''}`} data-column=${label}><span class=${size}>${children}</span>
    ${cause && html`<small>${t(...cause)}</small>`}</td>`;
}

const Head = ({ columns }) => html`<thead><tr class="hd">${columns.map((column, at) => html`<th scope="col" class=${at ? '' : 'first'}>${t(`column.${column}`)}</th>`)}</tr></thead>`;

const rowsStyle = (count) => ({ gridTemplateRows: `auto repeat(${count === 1 ? MOST_ROWS : Math.max(count, 1)}, minmax(0, 1fr))` });

function Queues({ view, now }) {
  const { rows } = view;
  return html`<table class="tb" style=${rowsStyle(rows.length)}>
    <${Head} columns=${['queue', 'ready', 'waiting', 'longest', 'expected', 'level', 'rate', 'offered', 'answered', 'abandoned']} />
    <tbody>${rows.map((queue) => html`<${Queue} key=${`${queue.all ? 'all' : ''}${queue.id}`} queue=${queue} now=${now} alone=${rows.length === 1} />`)}</tbody>
  </table>`;
}

function Queue({ queue, now, alone }) {
  const late = lateIn(queue, now);
  const { today } = queue;
  return html`<tr class=${`rw ${queue.all ? 'all' : ''} ${alone ? 'alone' : ''}`}>
    <th scope="row" class="c name"><b>${queue.all ? t('board.all') : queue.id}</b></th>
    <${Cell} late=${late.ready}>${queue.ready}<span class="q"> / ${queue.working}</span><//>
    <${Cell} size="x" late=${late.waiting}>${queue.waiting}<//>
    <${Cell} size="y" late=${late.longest}>${queue.longest_since ? spent(secondsSince(queue.longest_since, now)) : '–'}<//>
    <${Cell} label="expected">${expected(queue.expected)}<//>
    <${Cell} size="y" late=${late.level}>${percent(queue.service_level)}<//>
    <${Cell}>${percent(queue.answer_rate)}<//>
    <${Cell}>${today.offered}<//><${Cell}>${today.answered}<//><${Cell}>${today.abandoned}<//>
  </tr>`;
}

function Teams({ view }) {
  const { sections } = usePanel().state;
  const { rows } = view;
  return html`<table class="tb" style=${rowsStyle(rows.length)}>
    <${Head} columns=${['team', 'logged_in', 'ready.alone', 'consultation', 'outbound', 'away', 'rate', 'level']} />
    <tbody>${rows.map((team) => html`<${Team} key=${team.id} team=${team} goal=${goalOf(team, sections.queues)} alone=${rows.length === 1} />`)}</tbody>
  </table>`;
}

const goalOf = (team, queues) => queues.find(({ id }) => id === team.queues[0])?.limits.service_level ?? [];

function Team({ team, goal, alone }) {
  const late = lateInTeam(team, goal);
  const slow = [team.hold_over > 0 && t('team.hold', { count: team.hold_over }),
    team.processing_over > 0 && t('team.processing', { count: team.processing_over })].filter(Boolean);
  const busy = team.talking + team.ringing;
  return html`<tr class=${`rw ${alone ? 'alone' : ''}`}>
    <th scope="row" class="c name"><b>${team.id}</b>${slow.map((text) => html`<small>${text}</small>`)}</th>
    <${Cell} size="y">${team.logged_in}<//>
    <${Cell} size="x" late=${late.ready}>${team.ready}<//>
    <${Cell} size="y" late=${{ cause: team.ringing > 0 && ['team.consultation', { talking: team.talking, ringing: team.ringing }] }}>${busy}<//>
    <${Cell} size="y">${team.outbound}<//><${Cell} size="y">${team.away}<//>
    <${Cell} size="y">${percent(team.answer_rate)}<//>
    <${Cell} size="y" late=${late.level}>${percent(team.service_level)}<//>
  </tr>`;
}

function Foot({ view, alerts, stale, heardMs }) {
  const words = view && formula(view.service);
  const shown = alerts.slice(0, SHOWN_ALERTS);
  return html`<footer class="foot">
    <div class="al" role="status">${stale
      ? html`<span class="alarm"><${Icon} name="warn" /><b>${t('board.stale', { spent: spent((Date.now() - heardMs) / 1000), at: clockTime(heardMs) })}</b></span>`
      : html`${shown.map(({ id, tone, icon, text }) => html`<span key=${id} class=${tone}><${Icon} name=${icon} /><b>${t(...text)}</b></span>`)}
        ${alerts.length > SHOWN_ALERTS && html`<span class="warn more"><${Icon} name="bell" /><b>+${alerts.length - SHOWN_ALERTS}</b></span>`}`}</div>
    <p class="formula">${view?.kind === 'teams' && html`${t('team.means', { consultation: t('column.consultation'), outbound: t('column.outbound') })}<br />`}
      ${words && html`<b>${words.name}</b> ${words.text}`}</p>
  </footer>`;
}

