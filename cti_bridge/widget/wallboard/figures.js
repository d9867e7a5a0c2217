/** What a wallboard shows, out of the rows: views of at most six rows, with what is late in each, and alerts. */
import { passed } from '../watching/words.js';
import { secondsSince } from '../watching/tick.js';
import { spent } from '../views/timer.js';

export const MOST_ROWS = 6;

/** The views of the services, in their order: `{service, kind, rows}`; the queues end with all of the service. */
export function viewsOf({ services = [], queues = [], teams = [] }, only) {
  const views = services.filter(({ id }) => !only || id === only).flatMap((service) => {
    const own = queues.filter((queue) => queue.service === service.id);
    const rows = own.length > 1 ? [...own, allOf(service, own)] : own;
    const theirs = teams.filter((team) => team.queues.some((name) => own.some(({ id }) => id === name)));
    return [...cut(rows).map((part) => ({ service, kind: 'queues', rows: part })),
      ...cut(theirs).map((part) => ({ service, kind: 'teams', rows: part }))];
  });
  return views;
}

function cut(rows) {
  const views = Math.ceil(rows.length / MOST_ROWS);
  const each = Math.ceil(rows.length / views);
  return Array.from({ length: views }, (_, number) => rows.slice(number * each, (number + 1) * each));
}

/** All queues of a service: calls are counted once, so its figures are its own and no sums. */
function allOf(service, queues) {
  const sum = (name) => queues.reduce((total, queue) => total + queue[name], 0);
  const since = queues.map((queue) => queue.longest_since).filter(Boolean).sort();
  return {
    ...service, all: true, waiting: sum('waiting'), longest_since: since[0] ?? null, expected: null, open: true,
    limits: { waiting: [], longest_s: [], service_level: queues[0].limits.service_level },
  };
}

/** What is late in a queue, by column: `{tone, cause}`; the cause is `[key, parameters]`. */
export function lateIn(queue, now) {
  const longest_s = queue.longest_since ? secondsSince(queue.longest_since, now) : null;
  const over = ({ tone, limit }, words) => ({ tone, cause: limit !== undefined && ['cause.over', { limit: words(limit) }] });
  const level = passed(queue.service_level, queue.limits.service_level, true);
  const nobody = !queue.all && queue.open && queue.working === 0;
  return {
    ready: { tone: nobody ? 'alarm' : '', cause: nobody && ['cause.nobody'] },
    waiting: over(passed(queue.waiting, queue.limits.waiting), String),
    longest: over(passed(longest_s, queue.limits.longest_s), spent),
    level: { tone: level.tone, cause: level.tone && ['cause.goal', { limit: queue.limits.service_level[0] }] },
  };
}

/** What is late in a team. */
export function lateInTeam(team, goal) {
  const level = passed(team.service_level, goal, true);
  return {
    ready: { tone: team.logged_in > 0 && team.ready === 0 ? 'warn' : '' },
    level: { tone: level.tone, cause: level.tone && ['cause.goal', { limit: goal[0] }] },
  };
}

export const isAlarm = (view, now) => view.kind === 'queues'
  && view.rows.some((queue) => Object.values(lateIn(queue, now)).some(({ tone }) => tone === 'alarm'));
