/** Who is on the line, and how they came here: three lines, so that the note below them is in view. */
import { html, useState } from '../vendor/preact-htm.js';
import { Button } from './controls.js';
import { usePanel } from './hooks.js';
import { resultText } from './result.js';
import { Since, spent } from './timer.js';
import { named, other, phoneNumber, serviceName, when } from './words.js';
import { t, tOr } from '../i18n/index.js';

/** Name; number and way; data. `waited` is a live one while the customer waits, `eyebrow` says what kind of call it is. With `all` the data are open. */
export function Caller({ call, waited, eyebrow, aside, all }) {
  const { settings, agent } = usePanel().state;
  const name = other({ ...agent, call });
  return html`<div class="caller">
    <div class="caller-line"><div class="caller-who">
      ${eyebrow && html`<p class="eyebrow">${eyebrow}</p>`}
      <h2 class="caller-name" title=${name}>${name}</h2>
      <p class="caller-sub">${call.customer_name && html`<strong class="time">${phoneNumber(call.customer_number)}</strong>`}
        <span>${t(call.emergency ? 'emergency.title' : `call.${call.direction}`)}</span></p></div>${aside}</div>
    <${Data} call=${call} rows=${factsOf(call, settings, waited, agent.waiting)} all=${all} />
  </div>`;
}

function factsOf(call, settings, waited, waiting) {
  const inbound = call.direction === 'inbound';
  const marks = call.marks && t('marks', {
    count: call.marks.count, reason: named('force_reason', call.marks.last_reason), at: when(call.marks.last_at) });
  return [
    ['result', null, call.last_result && resultText(call.last_result), 'held'],
    ['marks', null, marks, 'mark'],
    ['monitors', null, call.monitors.map((one) => tOr(`monitors.${one.mode}`, one.name, one)).join(', '), 'mark'],
    ['warnings', null, call.warnings > 0 && t('warnings', { count: call.warnings }), 'mark'],
    ['category', 'call.category', call.category],
    ...Object.entries(call.data).map(([name, value]) => [`data-${name}`, null, value, 'value', name]),
    ['waited', 'call.waited', waited ?? (inbound && call.waited_s >= 1 && spent(call.waited_s))],
    ['skills', 'call.skills', Object.entries(call.skills).map((one) => one.join(' ')).join(', ')],
    ['way', 'call.way', call.way.join(' → ')],
    ['waiting', 'call.waiting', waiting],
    ['queue', 'call.queue', call.queue],
    ['service', 'call.service', serviceName(settings, call.service)],
    ['calling', 'call.calling', call.calling_number && phoneNumber(call.calling_number)],
    ['dialed', 'call.dialed', call.dialed_number && inbound && phoneNumber(call.dialed_number)],
    ['duration', 'call.duration', call.answered_at && html`<${Since} at=${call.answered_at} label=${t('call.duration')} />`],
  ].filter(([, , value]) => value);
}

/** One line that fades at its end; opened it says all. Values of the scenario have their names as the house wrote them. What came of the last party that was called is said by itself. */
function Data({ call, rows, all }) {
  const [open, setOpen] = useState(all);
  return html`<div class=${open ? 'data open' : 'data'}>
    <p class="sr-only" role="status">${call.last_result && resultText(call.last_result)}</p>
    <dl class="facts">${rows.map(([id, key, value, kind, name]) => html`<div key=${id} class=${`datum ${kind ?? ''}`}>
      <dt class=${key || name ? '' : 'sr-only'}>${name ?? t(key ?? 'call.about')}</dt><dd>${value}</dd></div>`)}</dl>
    <${Button} icon="down" kind="quiet data-more" name=${t('call.all')} aria-expanded=${`${!!open}`} local onClick=${() => setOpen(!open)} />
  </div>`;
}
