/** What the live page shows, out of the rows: filters, the order of service, what is late. */
import { label, statusName } from '../views/words.js';
import { t } from '../i18n/index.js';

export const GROUPS = ['all', 'ready', 'call', 'away'];

/** ready, call or away. */
export const groupOf = ({ state, status }) => (state !== 'idle' ? 'call' : status === 'ready' ? 'ready' : 'away');

/** By name: places are learnt. */
export const byName = (agents) => [...agents].sort((one, other) => one.name.localeCompare(other.name) || (one.cti_id < other.cti_id ? -1 : 1));

/** The agents of a team, of a group, whose name or CTI ID has the text. */
export function filtered(agents, { team, group, text }) {
  const wanted = text.trim().toLocaleLowerCase();
  return agents.filter((agent) => (!team || agent.team === team) && (group === 'all' || groupOf(agent) === group)
    && (!wanted || agent.name.toLocaleLowerCase().includes(wanted) || agent.cti_id.toLocaleLowerCase().includes(wanted)));
}

export const teamsOf = (agents) => [...new Set(agents.map(({ team }) => team).filter(Boolean))].sort();

/** The next one to be served first, each with its place in its queue. */
export function inOrder(waiting) {
  const places = {};
  return [...waiting].sort((one, other) => compared(one.order, other.order))
    .map((row) => ({ row, place: (places[row.queue] = (places[row.queue] ?? 0) + 1) }));
}

function compared(one, other) {
  const at = one.findIndex((value, place) => value !== other[place]);
  return at < 0 ? 0 : one[at] < other[at] ? -1 : 1;
}

/** The agent's state in words, and its tone. */
export function stateOf(agent) {
  const three = agent.call?.state === 'three_together';
  const short = agent.state === 'consulting' ? 'live.consulting' : agent.state === 'idle' && agent.reason === 'ticket_processing' ? 'reason.ticket_processing' : null;
  const words = short && !three ? t(short) : label({ ...agent, call: agent.call ?? { state: '' } });
  if (three) return { words, tone: 'consult' };
  if (agent.state === 'idle') return { words, tone: agent.status === 'ready' ? 'ready' : 'off' };
  return { words, tone: { talking: 'talking', on_hold: 'hold', consulting: 'consult', monitoring: 'consult', reconnecting: 'hold' }[agent.state] ?? 'ringing' };
}

/** What is at or above the limit is long; at twice the limit, or in ticket processing at once, it is an alarm. */
export function lateOf(agent, seconds) {
  if (!agent.limit || seconds < agent.limit) return '';
  return agent.state === 'idle' || seconds >= 2 * agent.limit ? 'late' : 'over';
}

export const STATUSES = ['rest', 'business'];

/** The statuses that a supervisor may set now: ready only where a call has left the agent behind. */
export const mayBeSet = ({ state, status, reason }) => [
  ...(state === 'idle' && status === 'business' && ['missed', 'declined', 'ticket_processing'].includes(reason) ? ['ready'] : []),
  ...STATUSES.filter((one) => state !== 'idle' || status !== one || reason)];

/** In these somebody can be heard. */
const HEARD = new Set(['talking', 'warning', 'on_hold', 'consult_ringing', 'consult_talking', 'consult_swapped', 'three_together', 'agent_lost']);
export const canBeHeard = ({ call }) => Boolean(call && !call.emergency && call.direction !== 'internal' && HEARD.has(call.state));

export { statusName };
