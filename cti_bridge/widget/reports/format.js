/** Figures, seconds and times as people read them. Nothing by nothing is a dash. */
import { currentLanguage, t } from '../i18n/index.js';

export const NOTHING = '–';

export const count = (value) => new Intl.NumberFormat(currentLanguage()).format(value);
export const rate = (value) => (value === null || value === undefined ? NOTHING : `${value.toFixed(1)} %`);

/** 0:17, 12:05, 1:02:03; from a hundred hours on 18,407 h. */
export function seconds(value) {
  if (value === null || value === undefined) return NOTHING;
  const whole = Math.round(value);
  if (whole >= 360_000) return t('rep.hours', { hours: count(Math.round(whole / 3600)) });
  const two = (part) => String(part).padStart(2, '0');
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

/** A cell of a column. Moments are those of the clock on the wall, as the API writes them. */
export function cell(kind, value) {
  if (kind === 'rate') return rate(value);
  if (value === null || value === undefined || value === '') return NOTHING;
  if (kind === 'count') return count(value);
  if (kind === 'seconds') return seconds(value);
  if (kind === 'moment') return `${value.slice(0, 10)} ${value.slice(11, 19)}`;
  if (kind === 'flag') return t(value ? 'rep.yes' : 'rep.no');
  return String(value);
}

export const offsetOf = (moment) => moment.slice(-6);

/** The day on the wall, as a date of UTC for Intl. */
const wall = (moment) => new Date(`${moment.slice(0, 19)}Z`);
const said = (moment, form) => new Intl.DateTimeFormat(currentLanguage() === 'en' ? 'en-GB' : currentLanguage(),
  { timeZone: 'UTC', ...form }).format(wall(moment));
const DAY = { day: 'numeric', month: 'short' };

/** The name of an interval. `days`: whether several days are shown. */
export function intervalName(row, interval, days) {
  if (interval === 'month') return said(row.from, { month: 'short', year: 'numeric' });
  if (interval === 'week') {
    const last = new Date(wall(row.till).getTime() - 1).toISOString();
    return `${said(row.from, DAY)} – ${said(last, DAY)}`;
  }
  if (interval === 'day') return said(row.from, DAY);
  const time = row.from.slice(11, 16);
  return days ? `${said(row.from, DAY)} ${time}` : time;
}
