/** The first figures of a report, each with its own sum below. */
import { html } from '../vendor/preact-htm.js';
import { t, tOr } from '../i18n/index.js';
import { cell } from './format.js';
import { REPORTS } from './shown.js';
import { labelOf } from './words.js';

export function Figures({ answer, part }) {
  const { figures } = REPORTS[answer.name];
  if (!figures.length || !part.total) return null;
  const kinds = Object.fromEntries(answer.columns.map(({ name, kind }) => [name, kind]));
  const said = Object.fromEntries(Object.entries(part.total).map(([name, value]) => [name, cell(kinds[name], value)]));
  const below = (name) => {
    // Where the parts of the service level are columns it is said with its numbers, else in words.
    if (name === 'service_level') return t(`sum.${'within' in part.total ? '' : 'words.'}${answer.formula}`, said);
    const counted = answer.transfers === 'in' && name === 'offered' ? 'offered_in' : name;
    return tOr(`below.${answer.name}.${counted}`, '', said);
  };
  return html`<dl class="kpi">${figures.map((name) => html`<div class="card" key=${name}>
    <dt>${labelOf(name)}</dt><dd class="fig">${said[name]}</dd><dd class="sum">${below(name)}</dd>
  </div>`)}</dl>`;
}
