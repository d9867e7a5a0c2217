/** Names of columns, and why something was refused. */
import { t, tOr } from '../i18n/index.js';

/** The short name of a column: of its own, else of those that belong to a state or a length, which are put together. */
export function labelOf(name) {
  const own = tOr(`col.${name}`, '');
  if (own) return own;
  const state = name.match(/^(.*?)_(avg_s|n|s)$/);
  if (state) return t(`col._${state[2]}`, { what: tOr(`col.${state[1]}`, state[1]) });
  const length = name.match(/^(answered|abandoned)_(\d+|more)$/);
  if (length) return t(length[2] === 'more' ? 'col._more' : 'col._up_to', { what: t(`col.${length[1]}`), seconds: length[2] });
  return name;
}

/** The definition of a column: by the server in English, by the page in other languages. */
export function aboutOf(report, { name, about }) {
  const own = tOr(`about.${report}.${name}`, '') || tOr(`about.${name}`, '');
  if (own) return own;
  const state = name.match(/^(.*?)_(avg_s|n|s)$/);
  if (state) return tOr(`about._${state[2]}`, about, { what: tOr(`col.${state[1]}`, state[1]) });
  const length = name.match(/^(answered|abandoned)_(\d+|more)$/);
  if (!length) return about;
  return tOr(length[2] === 'more' ? 'about._more' : 'about._up_to', about, { what: tOr(`col.${length[1]}`, ''), seconds: length[2] });
}

export function refusalOf(problem) {
  const field = problem.errors?.[0]?.message;
  return tOr(`rep.problem.${problem.code}`, problem.detail || problem.code, { field: field ?? problem.detail });
}
