/** A menu whose items are made when it is opened: two hundred closed ones cost a button each. */
import { html } from '../vendor/preact-htm.js';
import { Menu as Usual } from '../views/menu.js';
import { Icon } from '../views/icons.js';

export const Menu = ({ name, items }) => html`<${Usual} kind="quiet icon-only" name=${name} items=${items()} face=${html`<${Icon} name="more" />`} />`;
