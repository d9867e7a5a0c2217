/**
 * A menu whose items are made when it is opened: two hundred closed ones cost a button each. In the lower half of the
 * page it opens upwards, for what is below the page's end cannot be pressed.
 */
import { html, useState } from '../vendor/preact-htm.js';
import { Menu as Usual } from '../views/menu.js';
import { Icon } from '../views/icons.js';

export function Menu({ name, items }) {
  const [place, put] = useState('');
  const look = ({ currentTarget: node, target }) => {
    if (target.closest('.menu-list')) return;
    const { top, bottom } = node.getBoundingClientRect();
    put(top + bottom > innerHeight ? 'up' : '');
  };
  return html`<span class="place" onPointerDownCapture=${look} onKeyDownCapture=${look}>
    <${Usual} kind="quiet icon-only" place=${place} name=${name} items=${items()} face=${html`<${Icon} name="more" />`} /></span>`;
}
