/**
 * How each report is shown: by what it is filtered, its figures, its charts, and the columns that stand in its table
 * before all of them are asked for. `rates`: transfers may be counted; `level`: it has a service level.
 *
 * Figures are columns of the total. A chart's parts are [tone, text, sum of a row]; its line is a column, or a value of
 * a row.
 */
const of = (...names) => (row) => names.reduce((sum, name) => sum + (row[name] ?? 0), 0);
const less = (whole, ...names) => (row) => Math.max(0, row[whole] - of(...names)(row));

const BY_ANSWER = [
  ['teal', 'rep.answered', of('answered')],
  ['amber', 'rep.abandoned', of('abandoned')],
  ['slate', 'rep.other_ends', less('offered', 'answered', 'abandoned')],
];
/** `aims`: the line has the goal of the service level. */
const LEVEL = { column: 'service_level', aims: true };

export const REPORTS = {
  all: {
    by: ['queue'], rates: true, level: true, groups: ['service'],
    figures: ['in_calls', 'answer_rate', 'service_level', 'in_lost', 'out_calls'],
    parts: [['teal', 'rep.answered', of('in_answered')], ['amber', 'rep.lost', of('in_lost')],
      ['slate', 'rep.other_ends', of('in_scenario', 'in_open')]],
    stacked: 'rep.in_by', line: LEVEL,
    columns: ['in_calls', 'in_queue', 'in_scenario', 'in_answered', 'in_lost', 'answer_rate', 'service_level',
      'in_talk_avg_s', 'out_calls', 'out_answered', 'out_talk_avg_s'],
  },
  'queue-handling': {
    by: ['queue'], rates: true, level: true, groups: ['service', 'queue'],
    figures: ['offered', 'answer_rate', 'service_level', 'abandoned', 'talk_avg_s'],
    parts: BY_ANSWER, stacked: 'rep.offered_by', line: LEVEL,
    columns: ['offered', 'transferred', 'answered', 'abandoned', 'abandoned_short', 'turned_away', 'key', 'waiting',
      'answer_rate', 'service_level', 'talk_avg_s', 'handle_avg_s'],
  },
  'queue-waiting': {
    by: ['queue'], rates: true, groups: ['service', 'queue'],
    figures: ['answered_wait_avg_s', 'answered_wait_most_s', 'abandoned_wait_avg_s', 'abandon_rate', 'predicted_rate'],
    parts: BY_ANSWER, stacked: 'rep.offered_by', line: { column: 'answered_wait_avg_s' },
    columns: ['offered', 'answered', 'answer_rate', 'abandoned', 'abandon_rate', 'wait_avg_s', 'wait_most_s',
      'answered_wait_avg_s', 'answered_wait_most_s', 'abandoned_wait_avg_s', 'predicted_rate'],
  },
  'agent-calls': {
    by: ['agent'], groups: ['agent', 'name'],
    figures: ['answered', 'in_talk_avg_s', 'out_answered', 'after_call_s', 'occupancy'],
    parts: [['teal', 'rep.talk', of('in_talk_s', 'out_talk_s')], ['amber', 'rep.hold', of('in_hold_s', 'out_hold_s')],
      ['slate', 'rep.after_call', of('after_call_s')]],
    stacked: 'rep.work_by', unit: 'seconds', line: { column: 'occupancy' },
    columns: ['offered', 'answered', 'missed', 'declined', 'in_talk_s', 'in_talk_avg_s', 'out_attempts', 'out_answered',
      'out_talk_s', 'consults', 'transfers_in', 'after_call_s', 'occupancy'],
  },
  'agent-states': {
    by: ['agent'], groups: ['agent', 'name'],
    figures: ['logins', 'ready_s', 'talking_s', 'after_call_s', 'rest_s'],
    parts: [['teal', 'rep.talking', of('talking_s', 'consulting_s', 'on_hold_s')], ['green', 'rep.ready', of('ready_s')],
      ['slate', 'rep.away', of('rest_s', 'business_s', 'after_call_s')]],
    stacked: 'rep.time_by', unit: 'seconds', line: { column: 'ready_avg_s' },
    columns: ['logins', 'first_login', 'last_logout', 'ready_s', 'talking_s', 'on_hold_s', 'ringing_s', 'dialing_s',
      'after_call_s', 'rest_s', 'business_s'],
  },
  'agent-reasons': {
    by: ['agent'], groups: ['agent', 'name', 'status', 'reason'], figures: ['lasted_s', 'times', 'lasted_avg_s'],
    parts: [['slate', 'rep.away', of('lasted_s')]],
    stacked: 'rep.time_by', unit: 'seconds', line: { column: 'lasted_avg_s' }, columns: null,
  },
  'call-detail': {
    list: true, by: ['queue', 'agent'], figures: [],
    columns: ['arrived_at', 'direction', 'service', 'customer_number', 'number', 'queue', 'last_agent', 'wait_s',
      'talk_s', 'hold_s', 'total_s', 'outcome', 'ended_by'],
  },
  distribution: {
    by: ['queue'], rates: true, groups: ['service', 'queue'],
    figures: ['answered', 'answered_5', 'answered_more', 'abandoned', 'abandoned_5'],
    parts: [['teal', 'rep.within_20', of('answered_5', 'answered_10', 'answered_20')],
      ['amber', 'rep.within_60', of('answered_30', 'answered_60')],
      ['slate', 'rep.over_60', of('answered_120', 'answered_300', 'answered_more')]],
    stacked: 'rep.answered_by', columns: null,
    line: {
      aims: true, kind: 'rate', text: 'rep.within_20_rate',
      value: (row) => (row.answered ? 100 * of('answered_5', 'answered_10', 'answered_20')(row) / row.answered : null),
    },
  },
  transfers: {
    by: ['queue', 'agent'], groups: ['service', 'kind', 'by', 'to_agent', 'to_queue', 'to_scenario', 'to_number'],
    figures: ['asked', 'answered', 'completed', 'failed', 'answer_avg_s'],
    parts: [['teal', 'rep.completed', of('completed')], ['amber', 'rep.not_reached', of('failed')],
      ['slate', 'rep.other_ends', of('cancelled', 'recalled', 'customer_left')]],
    stacked: 'rep.transfers_by', line: { column: 'answer_avg_s' }, columns: null,
  },
  'scenario-exits': {
    by: [], groups: ['service', 'scenario', 'step', 'exit'], figures: ['calls', 'lasted_s', 'lasted_avg_s'],
    parts: [['teal', 'rep.exits', of('calls')]], stacked: 'rep.exits_by', line: { column: 'lasted_avg_s' }, columns: null,
  },
  callbacks: {
    by: ['queue'], groups: ['service', 'queue'], figures: ['registered', 'waiting', 'done', 'attempts', 'done_avg_s'],
    parts: [['teal', 'rep.done', of('done')], ['amber', 'rep.not_done', of('waiting')], ['slate', 'rep.cancelled', of('cancelled')]],
    stacked: 'rep.registered_by', line: { column: 'done_avg_s' }, columns: null,
  },
};

/** The columns of the table: what says when and of whom, then the figures. */
export function columnsOf(report, all, every, byGroup) {
  const groups = byGroup ? report.groups ?? [] : [];
  const left = new Set(['from', 'till', 'final', ...(report.groups ?? [])]);
  const wanted = every || !report.columns ? all.map(({ name }) => name) : report.columns;
  const figures = wanted.filter((name) => !left.has(name));
  return [...groups, ...figures].map((name) => all.find((column) => column.name === name)).filter(Boolean);
}
