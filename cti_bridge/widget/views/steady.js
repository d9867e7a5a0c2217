/** A list that keeps still while somebody is in it. */
import { html, useRef, useState } from '../vendor/preact-htm.js';
import { Button } from './controls.js';
import { t } from '../i18n/index.js';

/**
 * While pointer or focus is in the list its rows stay where they are: `rows` are those of before, brought up to date,
 * those that have ended with `over` true; `news` is how many have come, until `take()` or until nobody is in it.
 * `within` are the properties of the element around the list. What comes behind the last row when `pages` changes was
 * asked for, and moves none.
 *
 * @param {object[]|null|undefined} list @param {(row: object) => string} idOf @param {number} [pages]
 */
export function useSteady(list, idOf, pages = 0) {
  const [inside, setInside] = useState({ pointer: false, focus: false });
  const kept = useRef(list);
  const pagesKept = useRef(pages);
  const held = (inside.pointer || inside.focus) && kept.current?.length > 0 && list;
  if (!held) kept.current = list;
  else if (pages !== pagesKept.current) kept.current = [...kept.current, ...behind(list, idOf, kept.current.at(-1))];
  pagesKept.current = pages;
  const [, drawAgain] = useState(0);
  const byId = new Map((list ?? []).map((row) => [idOf(row), row]));
  const rows = held ? kept.current.map((row) => byId.get(idOf(row)) ?? { ...row, over: true }) : list;
  const ids = new Set(rows?.map(idOf));
  const is = (name, value) => () => setInside((now) => ({ ...now, [name]: value }));
  return {
    rows,
    news: held ? list.filter((row) => !ids.has(idOf(row))).length : 0,
    take: () => {
      kept.current = list;
      drawAgain((count) => count + 1);
    },
    within: {
      onpointerenter: is('pointer', true),
      onpointerleave: is('pointer', false),
      onfocusin: is('focus', true),
      onfocusout: (event) => event.currentTarget.contains(event.relatedTarget) || is('focus', false)(),
    },
  };
}

function behind(list, idOf, last) {
  const at = list.findIndex((row) => idOf(row) === idOf(last));
  return at < 0 ? [] : list.slice(at + 1);
}

/** "3 new", where a list begins; it takes no room. */
export const News = ({ count, take }) => html`<div class="news" role="status">${count > 0
  && html`<${Button} kind="small" local onClick=${take}>${t('lists.news', { count })}<//>`}</div>`;
