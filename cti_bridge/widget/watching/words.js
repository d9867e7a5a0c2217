/** Figures as people read them. */
import { t } from '../i18n/index.js';

/** Nothing by nothing is a dash. */
export const percent = (rate) => (rate === null || rate === undefined ? '–' : `${Math.round(rate)} %`);

/** The bracket of an expected wait, such as `2-5`. */
export const expected = (bracket) => (bracket === null ? '–' : t(`expected.${bracket}`));

/** What is beside the first limit, the second: '' or 'warn' or 'alarm', and the limit that was passed. */
export function passed(value, limits, below = false) {
  if (value === null || value === undefined) return { tone: '' };
  const beyond = (limit) => limit !== undefined && (below ? value < limit : value > limit);
  if (beyond(limits[1])) return { tone: 'alarm', limit: limits[1] };
  return beyond(limits[0]) ? { tone: 'warn', limit: limits[0] } : { tone: '' };
}

/** The formula of a service's service level: its name with the seconds, and what it is. */
export function formula({ formula: name, service_level_s: within, short_abandon_s: short }) {
  const seconds = within === null ? t('formula.limit') : t('formula.seconds', { number: within });
  const shorter = short === null ? t('formula.short') : t('formula.under', { number: short });
  return { name: t('formula.name', { name, seconds }), text: t(`formula.${name}`, { within: seconds, short: shorter }) };
}
