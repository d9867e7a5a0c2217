/** The page: the reports on the left, the filters on top, and what was counted. */
import { html, useEffect, useState } from '../vendor/preact-htm.js';
import { t } from '../i18n/index.js';
import { Bar } from '../supervisor/bar.js';
import { addressOf, daysOf, filtersOf, queryOf } from './asking.js';
import { Charts } from './charts.js';
import { useReport } from './counting.js';
import { Definitions } from './definitions.js';
import { addressIn, get } from './fetching.js';
import { Figures } from './figures.js';
import { Filters } from './filters.js';
import { Login } from './login.js';
import { REPORTS, columnsOf } from './shown.js';
import { Table } from './table.js';
import { refusalOf } from './words.js';

const NAMES = Object.keys(REPORTS);
const HERE = Intl.DateTimeFormat().resolvedOptions().timeZone;

export function App({ onLanguage }) {
  const [house, setHouse] = useState(null);
  const [problem, setProblem] = useState(null);
  const [filters, setFilters] = useState(() => filtersOf(location.search, NAMES));
  const load = () => {
    setProblem(null);
    houseOf().then(setHouse, setProblem);
  };
  useEffect(load, []);
  useEffect(() => {
    const back = () => setFilters(filtersOf(location.search, NAMES));
    addEventListener('popstate', back);
    return () => removeEventListener('popstate', back);
  }, []);
  useEffect(() => { document.title = `${t(`report.${filters.report}`)} · ${t('bar.reports')}`; });
  const change = (next) => {
    history.pushState(null, '', location.pathname + addressOf(next, location.search));
    setFilters(next);
  };
  const bar = html`<${Bar} here="reports" services=${house?.services} service=${filters.service} onLanguage=${onLanguage}
    onService=${(service) => change({ ...filters, service, queue: '', agent: '' })} />`;
  if (problem?.code === 'unauthenticated') return html`${bar}<${Login} onDone=${load} />`;
  if (problem) return html`${bar}<main class="alone"><${Failed} problem=${problem} again=${load} /></main>`;
  if (!house) return html`${bar}<main class="alone"><p role="status">${t('wait')}</p></main>`;
  return html`${bar}<div class="page">
    <nav class="side" aria-label=${t('bar.reports')}><ul>${NAMES.map((name) => html`<li key=${name}>
      <a href=${addressOf({ ...filters, report: name }, location.search) || '?'} aria-current=${name === filters.report ? 'page' : null}
        onClick=${(event) => { event.preventDefault(); change({ ...filters, report: name }); }}>${t(`report.${name}`)}</a>
    </li>`)}</ul></nav>
    <${Report} house=${house} filters=${filters} change=${change} onLoggedOut=${setProblem} />
  </div>`;
}

/** The goal of the service level that these queues have in common; undefined: none, or several. */
function goalOf(queues, chosen) {
  const goals = new Set(queues.filter(({ id }) => !chosen || id === chosen).map(({ goal }) => goal));
  return goals.size === 1 ? [...goals][0] : undefined;
}

/** What the filters offer: services, queues and agents of one's own. */
async function houseOf() {
  // Without queues or agents to choose from the reports are there all the same.
  const list = (path) => get(path).catch((problem) => {
    if (problem.code === 'unauthenticated') throw problem;
    return { content: [] };
  });
  const limits = get('wallboard').then(({ content }) => content.queues, () => []);
  const [session, queues, agents, now] = await Promise.all([get('session'), list('queues'), list('agents'), limits]);
  const goals = Object.fromEntries(now.map((queue) => [queue.id, queue.limits.service_level[0]]));
  return {
    services: session.content.settings.services,
    unmask: session.content.settings.rights?.includes('unmask') ?? false,
    queues: queues.content.map((queue) => ({ id: queue.id, service: queue.service, goal: goals[queue.id] })),
    agents: agents.content.map(({ cti_id, name }) => ({ id: cti_id, name })),
  };
}

function Report({ house, filters, change, onLoggedOut }) {
  const report = REPORTS[filters.report];
  const [zone, setZone] = useState(HERE);
  const days = daysOf(filters, zone);
  const query = queryOf(filters, report, days);
  const path = `reports/${filters.report}`;
  const key = `${path}?${query}`;
  const counted = useReport(key, path, query);
  const { answer, problem, waits } = counted;
  const found = answer?.name === filters.report ? answer : null;
  // Days are those of the service: where its zone is another one than the browser's, "today" is asked for anew.
  useEffect(() => { if (answer) setZone(answer.parts[0].timezone); }, [answer]);
  useEffect(() => { if (problem?.code === 'unauthenticated') onLoggedOut(problem); }, [problem]);
  const queues = house.queues.filter(({ service }) => !filters.service || service === filters.service);
  const file = (form) => addressIn(path, queryOf(filters, report, days, form));
  return html`<main class="body" aria-busy=${waits ? 'true' : null}>
    <div class="title"><h1>${t(`report.${filters.report}`)}</h1>
      ${['csv', 'xlsx'].map((form) => html`<a class="button" download href=${file(form)}
        aria-label=${t('rep.download', { form: form.toUpperCase() })}>${form.toUpperCase()}</a>`)}
    </div>
    <${Filters} filters=${filters} days=${days} queues=${queues} agents=${house.agents} onChange=${change} />
    <${Waiting} waits=${waits} old=${Boolean(found)} cancel=${counted.cancel} />
    ${problem && problem.code !== 'unauthenticated' && html`<${Failed} problem=${problem} again=${counted.again} />`}
    ${found && html`<div class="found">${found.parts.map((part) => html`<${Part} key=${part.timezone} answer=${found}
      part=${part} filters=${filters} more=${counted.more} unmask=${house.unmask} goal=${goalOf(queues, filters.queue)} />`)}</div>`}
  </main>`;
}

/** Over two seconds it can be given up. Before there is anything, grey bars stand in the shape of the rows. */
const Waiting = ({ waits, old, cancel }) => html`
  <div class=${`thin ${waits && old ? 'on' : ''}`}></div>
  <div role="status" class="counting">${waits === 'slow' && html`<span>${t('rep.counting')}</span>
    <button class="button" onClick=${cancel}>${t('rep.cancel')}</button>`}</div>
  ${!old && ['grey', 'slow'].includes(waits) && html`<div class="card bars" aria-hidden="true">
    ${[1, 2, 3, 4, 5].map((bar) => html`<span key=${bar}></span>`)}</div>`}`;

const Failed = ({ problem, again }) => html`<div class="card failed" role="alert">
  <p>${refusalOf(problem)}</p>
  ${problem.code !== 'wrong_role' && html`<button class="button" onClick=${again}>${t('rep.again')}</button>`}
</div>`;

function Part({ answer, part, filters, more, unmask, goal }) {
  const report = REPORTS[answer.name];
  const byGroup = filters.groups === 'each' || Boolean(report.list);
  const rows = byGroup ? part.rows : part.intervals;
  const columns = columnsOf(report, answer.columns, filters.columns === 'all', byGroup);
  if (!part.rows.length) return html`<div class="card empty"><p><strong>${t('rep.empty')}</strong></p><p class="hint">${t('rep.empty_hint')}</p></div>`;
  return html`<${Figures} answer=${answer} part=${part} /><${Charts} answer=${answer} part=${part} goal=${goal} />
    <${Table} answer=${answer} part=${part} rows=${rows} columns=${columns} more=${more} unmask=${unmask} />
    <${Definitions} answer=${answer} columns=${columns} />`;
}
