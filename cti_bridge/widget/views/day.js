/** The agent's own day so far, as the reports have it: calls, time in each state, and calls that were not answered. */
import { html } from '../vendor/preact-htm.js';
import { Refused, Spinner } from './controls.js';
import { useAnswer, usePanel } from './hooks.js';
import { spent } from './timer.js';
import { counted, named, phoneNumber, statusName } from './words.js';
import { currentLanguage, t } from '../i18n/index.js';

const EVERY_MS = 10_000;
const STATUSES = ['ready', 'rest', 'business'];

const nameOf = (state) => (state === 'after_call' ? statusName('business', 'ticket_processing') : named(STATUSES.includes(state) ? 'status' : 'state', state));

export function Day() {
  const { store } = usePanel();
  const [day, problem] = useAnswer(() => store.commands.day(), '', EVERY_MS);
  return html`<link rel="stylesheet" href=${new URL('../style/day.css', import.meta.url).href} />
    <section class="card day" tabindex="0" aria-label=${t('tabs.day')} aria-busy=${String(!day && !problem)}>
      <h2>${t('tabs.day')}</h2>
      <${Refused} problem=${problem} />
      ${day ? html`<${Figures} ...${day} />` : !problem && html`<${Spinner} />`}
    </section>`;
}

/** The zone in the agent's language; a browser may not know it by its name. */
function zoneName(timeZone, at) {
  try {
    const parts = new Intl.DateTimeFormat(currentLanguage(), { timeZone, timeZoneName: 'long' }).formatToParts(new Date(at));
    return parts.find(({ type }) => type === 'timeZoneName').value;
  } catch {
    return timeZone;
  }
}

/** The clock on the wall of the service, not that of the browser. */
const onWall = (at) => at.slice(11, 16);

function Figures({ timezone, since, till, calls, states, reasons, not_taken: missed }) {
  const longest = Math.max(1, ...states.map((one) => one.lasted_s));
  const of = (status) => reasons.filter((one) => one.status === status && one.reason);
  return html`<p class="hint">${t('day.since', { since: onWall(since), till: till.slice(11, 19), timezone: zoneName(timezone, till) })}</p>
    <dl class="day-figures">
      <${Figure} name=${t('day.in')} value=${calls.answered} below=${t('day.in.of', { count: calls.offered, time: spent(calls.in_talk_s) })} />
      <${Figure} name=${t('day.out')} value=${calls.out_answered} below=${t('day.out.of', { count: calls.out_attempts, time: spent(calls.out_talk_s) })} />
      <${Figure} name=${t('day.average')} value=${average(calls.in_talk_avg_s)} below=${t('day.average.out', { time: average(calls.out_talk_avg_s) })} />
      ${calls.internal_s > 0 && html`<${Figure} name=${t('day.internal')} value=${spent(calls.internal_s)} below=${t('day.internal.what')} />`}
    </dl>
    <h3>${t('day.states')}</h3>
    ${states.length === 0 && html`<p class="hint">${t('day.none')}</p>`}
    <ul class="day-states">${states.map((one) => html`<${State} key=${one.name} name=${nameOf(one.name)} share=${one.lasted_s / longest} ...${shownOf(one)} />
      ${of(one.name).map((reason) => html`<${State} key=${`${one.name} ${reason.reason}`} name=${named('reason', reason.reason)} part share=${reason.lasted_s / longest} ...${shownOf(reason)} />`)}`)}</ul>
    <h3>${t('day.missed')} ${missedIn(calls)}</h3>
    ${missed.length === 0 ? html`<p class="hint">${t('day.missed.none')}</p>`
      : html`<ul class="day-missed">${missed.map(({ at, result, customer_number: number, queue }) => html`<li key=${at}>
        <span class="num">${at.slice(11, 19)}</span><strong>${phoneNumber(number)}</strong>
        <span class="hint">${t(`day.result.${result}`)}${queue && ` · ${queue}`}</span></li>`)}</ul>`}
    ${missed.length < missedIn(calls) && html`<p class="hint">${t('lists.newest', { count: missed.length })}</p>`}`;
}

const missedIn = ({ missed, declined, busy, unreachable }) => missed + declined + busy + unreachable;
const average = (seconds) => (seconds ? spent(seconds) : '–');
const shownOf = ({ times, lasted_s: seconds }) => ({ times: counted('day.times', times), lasted: spent(seconds) });

const Figure = ({ name, value, below }) => html`<div><dt>${name}</dt><dd><strong class="num">${value}</strong><span class="hint">${below}</span></dd></div>`;

const State = ({ name, times, lasted, share, part }) => html`<li class=${part ? 'of-it' : ''}>
  <span class="day-name">${name}</span><span class="hint num">${times}</span><span class="num">${lasted}</span>
  <span class="day-bar" aria-hidden="true"><span style=${{ width: `${Math.min(100, 100 * share)}%` }}></span></span></li>`;
