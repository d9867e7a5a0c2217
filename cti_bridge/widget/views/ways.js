/** Both ways to one target of a transfer. */
import { html } from '../vendor/preact-htm.js';
import { Button } from './controls.js';
import { Emergency } from './emergency.js';
import { usePanel } from './hooks.js';
import { t } from '../i18n/index.js';

/** `why` none of them can be used now; `name` tells the buttons of different rows apart for who cannot see the row. */
export function Ways({ target, name, go, busy, asked, why, kind = '' }) {
  const { agent } = usePanel().state;
  if (asked && asked.of.number === target.number) return html`<${Emergency} ...${asked} />`;
  const way = (command, text, look) => html`<${Button} kind=${look} name=${name && `${text}: ${name}`} busy=${busy(command)}
    why=${why || (agent.allowed_actions.includes(command) ? undefined : t('not_now'))} onClick=${() => go(command, target)}>${text}<//>`;
  return html`<div class="ways">${way('consult', t('consult'), kind)}${way('transfer', t('transfer.connect'), '')}</div>`;
}
