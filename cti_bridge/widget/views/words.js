/** Numbers, times and codes as people read them. */
import { currentLanguage, t, tOr } from '../i18n/index.js';

/** Country codes: of one digit, of two, all others of three. */
const CODE = /^([17]|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|...)/;

/** An E.164 number in groups: +82 10-1234-5678, +1 202-555-0123; anything else as it is. */
export function phoneNumber(number) {
  if (!/^\+\d{7,15}$/.test(number ?? '')) return number || t('number.withheld');
  const digits = number.slice(1);
  const [code] = CODE.exec(digits);
  const rest = digits.slice(code.length);
  const area = code === '82' && rest[0] === '2' ? 1 : rest.length > 8 || code === '82' ? rest.length % 4 || 3 : 0;
  const head = code === '82' && area > 1 ? 2 : area;
  return `+${code} ${[rest.slice(0, head), ...grouped(rest.slice(head))].filter(Boolean).join('-')}`;
}

/** The last four stand alone, the others before them in groups of at most four. */
function grouped(digits) {
  if (digits.length <= 4) return [digits];
  const before = digits.slice(0, -4);
  return [...(before.length > 4 ? [before.slice(0, -3), before.slice(-3)] : [before]), digits.slice(-4)];
}

/** A text with a number; that of one has a key of its own. */
export const counted = (key, count) => t(count === 1 ? `${key}.1` : key, { count });

/** A call between colleagues, without a customer. */
export const isInternal = (call) => call?.direction === 'internal';

/** Who it is: the name, or the number where there is no name. */
export const caller = (call) => (isInternal(call) ? call.asked_by : call.customer_name || phoneNumber(call.customer_number));

/** Who is at the other end of the agent's call. */
export const other = (agent) => (isInternal(agent.call) && !isAsked(agent) ? agent.call.consult?.target_name : caller(agent.call));

const title = (code) => {
  const words = String(code ?? '').replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
};

/** A code that the configuration may have invented, such as a reason of rest. */
export const named = (group, code) => tOr(`${group}.${code}`, title(code));

/** The name of a status with its reason: Business (Meeting). */
export function statusName(status, reason) {
  return reason ? t('status.with_reason', { status: named('status', status), reason: named('reason', reason) })
    : named('status', status);
}

/** After-call work. No other status has this reason. */
export const isProcessing = ({ reason }) => reason === 'ticket_processing';

export const isThree = ({ call }) => call?.state === 'three_together';

/** Whether a colleague has asked the agent into this call: they do not lead it. */
export const isAsked = ({ call, cti_number: own }) => call.consult?.target === own;

/** The agent's label in the agent's language. */
export function label(agent) {
  if (agent.state !== 'idle') return tOr(`state.${isThree(agent) ? 'three' : agent.state}`, agent.label);
  return statusName(agent.status, agent.reason);
}

/** A refusal, in words; `what` was asked for may have words of its own. */
export function problemText({ code, detail, errors, retryAfter }, what) {
  if (code === 'invalid_body' && errors?.length) return errors.map((one) => one.message).join(' ');
  const usual = tOr(`problem.${code}`, detail || t('problem.unknown'), { seconds: Math.ceil(retryAfter || 1) });
  return tOr(`problem.${code}.${what}`, usual);
}

export const serviceName = (settings, id) => settings?.services.find((one) => one.id === id)?.name || id || '';

const formats = {};

/** The agent's own way to write times, where it is of the language that is shown. */
const locale = () => navigator.languages.find((one) => one.startsWith(currentLanguage())) ?? currentLanguage();

function formatted(at, name, options) {
  const key = `${currentLanguage()} ${name}`;
  formats[key] ??= new Intl.DateTimeFormat(locale(), options);
  return formats[key].format(new Date(at));
}

export const clockTime = (at) => formatted(at, 'time', { hour: '2-digit', minute: '2-digit', second: '2-digit' });

/** Today the time, before that the date and time, and the year where it is another one. */
export function when(at) {
  const now = new Date();
  const then = new Date(at);
  if (now.toDateString() === then.toDateString()) return formatted(at, 'short', { hour: '2-digit', minute: '2-digit' });
  const date = { month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit' };
  return now.getFullYear() === then.getFullYear() ? formatted(at, 'date', date)
    : formatted(at, 'year', { year: 'numeric', ...date });
}
