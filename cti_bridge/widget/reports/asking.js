/** What is asked for: in the address of the page, as days of the service's zone, and as a query of the API. */

export const PERIODS = ['today', 'yesterday', 'week', 'last_week', 'month', 'last_month', 'days'];
export const INTERVALS = ['15', '30', 'hour', 'day', 'week', 'month'];
export const FORMULAS = ['accepted', 'answered', 'answered_or_left', 'offered'];

/** What stands in no address. */
const USUAL = {
  report: 'queue-handling', period: 'today', since: '', till: '', interval: 'hour', service: '', queue: '', agent: '',
  transfers: 'out', formula: 'accepted', groups: '', columns: '',
};

/** The filters that an address has. Unknown values are left out, so that an old address opens the page all the same. */
export function filtersOf(search, reports) {
  const given = Object.fromEntries(new URLSearchParams(search));
  const found = { ...USUAL };
  for (const name of Object.keys(USUAL)) if (given[name]) found[name] = given[name];
  const known = { report: reports, period: PERIODS, interval: INTERVALS, formula: FORMULAS, transfers: ['in', 'out'] };
  for (const [name, values] of Object.entries(known)) if (!values.includes(found[name])) found[name] = USUAL[name];
  return found;
}

/** The address that has these filters, and keeps what is no filter, such as the language. */
export function addressOf(filters, search) {
  const all = new URLSearchParams(search);
  for (const [name, usual] of Object.entries(USUAL)) {
    if (filters[name] && filters[name] !== usual) all.set(name, filters[name]);
    else all.delete(name);
  }
  const text = all.toString();
  return text ? `?${text}` : '';
}

/** Only the report is kept. */
export const withoutFilters = (filters) => ({ ...USUAL, report: filters.report, service: filters.service });

const written = (day) => day.toISOString().slice(0, 10);
const moved = (day, days) => new Date(day.getTime() + days * 86_400_000);

/** The day of a zone at a moment, as midnight of UTC: only the date counts. */
function dayIn(zone, now) {
  const parts = new Intl.DateTimeFormat('en-CA', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' });
  return new Date(`${parts.format(now)}T00:00:00Z`);
}

/** First and last day of the period, as dates: `2026-12-31`. */
export function daysOf(filters, zone, now = new Date()) {
  const today = dayIn(zone, now);
  const monday = moved(today, -((today.getUTCDay() + 6) % 7));
  const first = new Date(Date.UTC(today.getUTCFullYear(), today.getUTCMonth(), 1));
  const lastEnd = moved(first, -1);
  const spans = {
    today: [today, today],
    yesterday: [moved(today, -1), moved(today, -1)],
    week: [monday, today],
    last_week: [moved(monday, -7), moved(monday, -1)],
    month: [first, today],
    last_month: [new Date(Date.UTC(lastEnd.getUTCFullYear(), lastEnd.getUTCMonth(), 1)), lastEnd],
  };
  if (filters.period !== 'days') return spans[filters.period].map(written);
  const since = filters.since || written(today);
  return [since, filters.till && filters.till >= since ? filters.till : since];
}

/** The query of the API. What the report does not know is left out. */
export function queryOf(filters, report, days, form) {
  const query = new URLSearchParams({ from: days[0], till: days[1] });
  if (!report.list) query.set('interval', filters.interval);
  if (filters.service) query.set('service', filters.service);
  if (report.by.includes('queue') && filters.queue) query.set('queue', filters.queue);
  if (report.by.includes('agent') && filters.agent) query.set('agent', filters.agent);
  if (report.rates && filters.transfers === 'in') query.set('transfers', 'in');
  if (report.level) query.set('formula', filters.formula);
  if (form) query.set('format', form);
  return query;
}
