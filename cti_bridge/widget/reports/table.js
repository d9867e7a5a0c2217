/** The table of a report: head and first column stay, the total is last, and over 200 rows there are pages. */
import { html, useEffect, useState } from '../vendor/preact-htm.js';
import { t, tOr } from '../i18n/index.js';
import { cell, count, intervalName, offsetOf } from './format.js';
import { REPORTS } from './shown.js';
import { WholeNumber as Customer } from './whole-number.js';
import { labelOf } from './words.js';

export const PAGE = 200;
/** Columns of codes, with where their texts are. */
const CODES = { outcome: 'rep.code', direction: 'rep.code', ended_by: 'rep.code', kind: 'rep.code', status: 'status', reason: 'reason' };
const NUMBERS = new Set(['count', 'seconds', 'rate']);

/** `unmask`: whole numbers may be looked at. `more()` asks for what comes behind the rows; null: they are all. */
export function Table({ answer, part, rows, columns, more, unmask }) {
  const list = Boolean(REPORTS[answer.name].list);
  const [page, setPage] = useState(0);
  const [sort, setSort] = useState({ name: '', down: false });
  useEffect(() => { setPage(0); }, [answer.name, part.timezone, rows.length === 0]);
  const sorted = sort.name ? [...rows].sort(by(sort)) : rows;
  const last = Math.max(0, Math.ceil(rows.length / PAGE) - 1);
  const here = Math.min(page, last);
  const shown = sorted.slice(here * PAGE, (here + 1) * PAGE);
  const next = async () => {
    if (here === last && more) await more();
    setPage(here + 1);
  };
  const named = list ? null : namesOf(answer, rows);
  return html`<section class="card table-card">
    <div class="table-scroll" tabindex="0" role="region" aria-label=${t('rep.table')}>
      <table>
        <thead><tr>
          ${!list && html`<${Head} name="from" text=${named.head} sort=${sort} onSort=${setSort} />`}
          ${columns.map((column) => html`<${Head} key=${column.name} name=${column.name} text=${labelOf(column.name)}
            title=${column.about} number=${NUMBERS.has(column.kind)} sort=${sort} onSort=${list ? null : setSort} />`)}
        </tr></thead>
        <tbody>${shown.map((row, at) => html`<tr key=${at} class=${row.final === false ? 'young' : ''}>
          ${!list && html`<th scope="row">${named.of(row)}${row.final === false ? html` <span title=${t('rep.not_final')}>*</span>` : ''}</th>`}
          ${columns.map((column, place) => html`<${list && place === 0 ? 'th' : 'td'} key=${column.name}
            scope=${list && place === 0 ? 'row' : null} class=${NUMBERS.has(column.kind) ? 'n' : ''}>${unmask && column.name === 'customer_number' && row.call && row.customer_number
              ? html`<${Customer} key=${row.call} row=${row} />` : said(column, row[column.name])}<//>`)}
        </tr>`)}</tbody>
        ${part.total && html`<tfoot><tr><th scope="row">${t('rep.total')}</th>
          ${columns.map((column) => html`<td key=${column.name} class=${NUMBERS.has(column.kind) ? 'n' : ''}>
            ${NUMBERS.has(column.kind) ? cell(column.kind, part.total[column.name]) : ''}</td>`)}</tr></tfoot>`}
      </table>
    </div>
    ${(last > 0 || more) && html`<div class="pages">
      <button class="button" disabled=${here === 0} onClick=${() => setPage(here - 1)}>${t('rep.page.before')}</button>
      <span class="time" role="status">${t(more ? 'rep.page.rows_more' : 'rep.page.rows', {
        first: count(here * PAGE + 1), last: count(here * PAGE + shown.length), all: count(rows.length) })}</span>
      <button class="button" disabled=${here === last && !more} onClick=${next}>${t('rep.page.next')}</button>
    </div>`}
    <p class="hint foot">${rows.some((row) => row.final === false) ? `${t('rep.star')} ` : ''}${part.timezone}${list ? `. ${t('rep.masked')}` : ''}</p>
  </section>`;
}

/** A code is said in the language of the page where it has a name there. */
function said({ name, kind }, value) {
  return CODES[name] && value ? tOr(`${CODES[name]}.${value}`, value.replaceAll('_', ' ')) : cell(kind, value);
}

function Head({ name, text, title, number, sort, onSort }) {
  const on = sort.name === name;
  const order = on ? (sort.down ? 'descending' : 'ascending') : 'none';
  const turn = () => onSort(on && sort.down ? { name: '', down: false } : { name, down: on });
  return html`<th scope="col" class=${number ? 'n' : ''} aria-sort=${onSort ? order : null} title=${title}>
    ${onSort ? html`<button onClick=${turn}>${text}${on ? html`<span aria-hidden="true"> ${sort.down ? '↓' : '↑'}</span>` : ''}</button>` : text}
  </th>`;
}

const by = ({ name, down }) => (one, other) => {
  const [first, second] = [one[name] ?? '', other[name] ?? ''];
  const order = typeof first === 'number' && typeof second === 'number' ? first - second : String(first).localeCompare(String(second));
  return down ? -order : order;
};

/** The names of the intervals; those whose offset is another one than in the head have their own. */
function namesOf(answer, rows) {
  const usual = rows.length ? offsetOf(rows[0].from) : '';
  const several = new Set(rows.map((row) => row.from.slice(0, 10))).size > 1;
  const of = (row) => {
    const name = intervalName(row, answer.interval, several);
    return offsetOf(row.from) === usual ? name : `${name} (${offsetOf(row.from)})`;
  };
  return { head: [t(`rep.interval.${answer.interval ?? 'day'}`), usual].filter(Boolean).join(', '), of };
}
