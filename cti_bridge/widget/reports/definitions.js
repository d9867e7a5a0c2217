/** What the figures mean: the columns that are shown, and the formula of the service level. */
import { html } from '../vendor/preact-htm.js';
import { t } from '../i18n/index.js';
import { REPORTS } from './shown.js';
import { aboutOf, labelOf } from './words.js';

export const Definitions = ({ answer, columns }) => html`<section class="card">
  <h2>${t('rep.meaning')}</h2>
  <dl class="defs">
    ${columns.map((column) => html`<div key=${column.name}><dt>${labelOf(column.name)}</dt>
      <dd>${aboutOf(answer.name, column)}</dd></div>`)}
    ${REPORTS[answer.name].level && html`<div><dt>${t('rep.level_named', { name: t(`formula.${answer.formula}`) })}</dt>
      <dd>${t(`sum.words.${answer.formula}`)}</dd></div>`}
  </dl>
</section>`;
