/** What somebody has to look at now, by weight: out of the rows of queues and help, which count on the screen, and the alerts that the bridge tells. */
import { passed } from './words.js';
import { secondsSince } from './tick.js';
import { spent } from '../views/timer.js';

const HELP_IS_LATE_S = 60;
/** These are seen in the rows of queues, a moment sooner. */
const IN_ROWS = ['nobody_works', 'longest_wait'];

/** `{id, tone, icon, text}`; the text is `[key, parameters]`. `only`: of this service and of none. */
export function alertsOf({ queues = [], help = [], alerts = [], services = [] }, now, only) {
  const own = queues.filter((queue) => !only || queue.service === only);
  const nobody = own.filter((queue) => queue.open && queue.working === 0)
    .map((queue) => ({ id: `nobody ${queue.id}`, tone: 'alarm', icon: 'warn', text: ['alert.nobody', { queue: queue.id }] }));
  const late = own.map((queue) => [queue, passed(queue.longest_since ? secondsSince(queue.longest_since, now) : null, queue.limits.longest_s)])
    .filter(([, { tone }]) => tone === 'alarm')
    .map(([queue, { limit }]) => ({ id: `longest ${queue.id}`, tone: 'alarm', icon: 'bell', text: ['alert.longest', { queue: queue.id, limit: spent(limit) }] }));
  const asked = help.map(({ cti_id: id, name, since }) => {
    const waits = secondsSince(since, now);
    return { id: `help ${id}`, tone: waits > HELP_IS_LATE_S ? 'alarm' : 'warn', icon: 'hand', text: ['alert.help', { name, spent: spent(waits) }] };
  });
  const told = alerts.filter(({ kind, service }) => !IN_ROWS.includes(kind) && (!only || !service || service === only))
    .map((one) => ({ id: one.id, kind: one.kind, tone: one.level, icon: one.kind === 'callbacks_overdue' ? 'bell' : 'warn', text: [`alert.${one.kind}`, wordsOf(one, services)] }));
  const work = ({ kind }) => kind === 'callbacks_overdue';
  return [...nobody, ...told.filter((one) => !work(one)), ...asked, ...late, ...told.filter(work)];
}

function wordsOf({ queue, node, service, count, of }, services) {
  return { queue, node, count, of, service: services.find(({ id }) => id === service)?.name ?? service ?? '' };
}
