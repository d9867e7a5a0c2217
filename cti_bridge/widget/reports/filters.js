/** The filters of a report. They stand in the address. */
import { html } from '../vendor/preact-htm.js';
import { t } from '../i18n/index.js';
import { FORMULAS, INTERVALS, PERIODS, withoutFilters } from './asking.js';
import { REPORTS } from './shown.js';

const Choice = ({ label, value, options, onChange }) => html`<label>${label}
  <select class="input" onChange=${(event) => onChange(event.target.value)}>
    ${options.map(([code, text]) => html`<option value=${code} selected=${code === value}>${text}</option>`)}
  </select></label>`;

/** `queues` and `agents` are `{id, name}`, of the services that are shown. */
export function Filters({ filters, days, queues, agents, onChange }) {
  const report = REPORTS[filters.report];
  const set = (name) => (value) => onChange({ ...filters, [name]: value });
  const named = (codes, group) => codes.map((code) => [code, t(`${group}.${code}`)]);
  const chosen = (all, text) => [['', t(text)], ...all.map(({ id, name }) => [id, name || id])];
  const period = (value) => onChange({ ...filters, period: value, since: days[0], till: days[1] });
  const day = (name) => (event) => event.target.value && set(name)(event.target.value);
  return html`<form class="filters" aria-label=${t('rep.filters')} onSubmit=${(event) => event.preventDefault()}>
    <${Choice} label=${t('rep.period')} value=${filters.period} options=${named(PERIODS, 'rep.period')} onChange=${period} />
    ${filters.period === 'days' && html`<label>${t('rep.since')}
      <input class="input" type="date" value=${days[0]} max=${days[1]} onChange=${day('since')} /></label>
      <label>${t('rep.till')}<input class="input" type="date" value=${days[1]} min=${days[0]} onChange=${day('till')} /></label>`}
    ${!report.list && html`<${Choice} label=${t('rep.interval')} value=${filters.interval}
      options=${named(INTERVALS, 'rep.interval')} onChange=${set('interval')} />`}
    ${report.by.includes('queue') && html`<${Choice} label=${t('rep.queues')} value=${filters.queue}
      options=${chosen(queues, 'rep.all_queues')} onChange=${set('queue')} />`}
    ${report.by.includes('agent') && html`<${Choice} label=${t('rep.agents')} value=${filters.agent}
      options=${chosen(agents, 'rep.all_agents')} onChange=${set('agent')} />`}
    ${report.rates && html`<${Choice} label=${t('rep.transfers')} value=${filters.transfers}
      options=${named(['out', 'in'], 'rep.transfers')} onChange=${set('transfers')} />`}
    ${report.level && html`<${Choice} label=${t('rep.level')} value=${filters.formula} options=${named(FORMULAS, 'formula')} onChange=${set('formula')} />`}
    ${report.groups && html`<${Choice} label=${t('rep.rows')} value=${filters.groups}
      options=${[['', t('rep.rows.together')], ['each', t('rep.rows.each')]]} onChange=${set('groups')} />`}
    ${report.columns && html`<${Choice} label=${t('rep.columns')} value=${filters.columns}
      options=${[['', t('rep.columns.some')], ['all', t('rep.columns.all')]]} onChange=${set('columns')} />`}
    <button type="button" class="button plain" onClick=${() => onChange(withoutFilters(filters))}>${t('rep.reset')}</button>
  </form>`;
}
