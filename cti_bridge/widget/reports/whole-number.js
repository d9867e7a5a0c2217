/** A masked number that can be looked at whole, for who has the right. Each look is written in the audit log. */
import { html, useState } from '../vendor/preact-htm.js';
import { t } from '../i18n/index.js';
import { get } from './fetching.js';
import { refusalOf } from './words.js';

export function WholeNumber({ row }) {
  const [{ whole, problem, waits }, is] = useState({});
  const show = async () => {
    is({ waits: true });
    try {
      const { content } = await get(`calls/${encodeURIComponent(row.call)}/number`);
      is({ whole: content.customer_number });
    } catch (refused) {
      is({ problem: refused });
    }
  };
  if (whole) return html`<b role="status">${whole}</b>`;
  return html`<span class="masked">${row.customer_number}
    <button class="button small" disabled=${waits} aria-label=${t('rep.number.show', { number: row.customer_number })} onClick=${show}>${t('rep.number')}</button>
    ${problem && html`<small role="alert">${problem.code === 'not_found' ? t('rep.number.gone') : refusalOf(problem)}</small>`}</span>`;
}
