/** What came of the last party that was called: "1002 is busy". */
import { phoneNumber } from './words.js';
import { t, tOr } from '../i18n/index.js';

export function resultText(last) {
  const target = last.target_name || phoneNumber(last.target);
  return tOr(`result.${last.reason}`, t('result.other', { target }), { target });
}
