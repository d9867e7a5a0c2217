/** Who is on the line, and how they came here. */
import { html } from '../vendor/preact-htm.js';
import { usePanel } from './hooks.js';
import { Icon } from './icons.js';
import { spent } from './timer.js';
import { caller, named, phoneNumber, serviceName, when } from './words.js';
import { t } from '../i18n/index.js';

export function Caller({ call }) {
  const outbound = call.direction === 'outbound';
  return html`<div class="caller">
    <p class="hint caller-way"><${Icon} name=${outbound ? 'outgoing' : 'incoming'} />${t(call.emergency ? 'emergency.title' : outbound ? 'call.outbound' : 'call.inbound')}</p>
    <h2 class="caller-name" title=${caller(call)}>${caller(call)}</h2>
    ${call.customer_name && html`<p class="caller-number">${phoneNumber(call.customer_number)}</p>`}
  </div>`;
}

/** Force disconnects of this number in the past, and warnings in this call. */
function Marks({ call }) {
  const { marks, warnings } = call;
  return html`${marks && html`<p class="mark"><${Icon} name="warn" /><span>${t('marks', {
    count: marks.count, reason: named('force_reason', marks.last_reason), at: when(marks.last_at) })}</span></p>`}
    ${warnings > 0 && html`<p class="mark"><${Icon} name="warn" /><span>${t('warnings', { count: warnings })}</span></p>`}`;
}

/** `waited` is a live one while the customer waits. */
export function Facts({ call, waited }) {
  const { settings } = usePanel().state;
  const rows = [
    ['call.service', serviceName(settings, call.service)],
    ['call.dialed', call.dialed_number && call.direction !== 'outbound' && phoneNumber(call.dialed_number)],
    ['call.calling', call.calling_number && phoneNumber(call.calling_number)],
    ['call.queue', call.queue],
    ['call.waited', waited ?? (call.direction !== 'outbound' && call.waited_s >= 1 && spent(call.waited_s))],
  ].filter(([, value]) => value);
  return html`<${Marks} call=${call} /><dl class="facts">${rows.map(([key, value]) => html`<div key=${key}><dt>${t(key)}</dt><dd>${value}</dd></div>`)}</dl>`;
}
