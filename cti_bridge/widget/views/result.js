/** What came of the last party that was called: "1002 is busy". */
import { html } from '../vendor/preact-htm.js';
import { Icon } from './icons.js';
import { phoneNumber } from './words.js';
import { t, tOr } from '../i18n/index.js';

export function LastResult({ call }) {
  const { last_result: last } = call;
  if (!last) return null;
  const target = last.target_name || phoneNumber(last.target);
  return html`<p class="result" role="status"><${Icon} name="warn" />
    <span>${tOr(`result.${last.reason}`, t('result.other', { target }), { target })}</span></p>`;
}
