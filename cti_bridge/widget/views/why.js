/** "Why am I not getting calls?": the reasons, in the words of the server, which decides. */
import { html, useState } from '../vendor/preact-htm.js';
import { Refused } from './controls.js';
import { useAnswer, usePanel } from './hooks.js';
import { currentLanguage, t } from '../i18n/index.js';

const EVERY_MS = 10_000;

export function Why() {
  const [open, setOpen] = useState(false);
  return html`<details class="why" onToggle=${(event) => setOpen(event.target.open)}>
    <summary>${t('why.title')}</summary>${open && html`<${Reasons} />`}
  </details>`;
}

function Reasons() {
  const { store, state: { agent } } = usePanel();
  const [why, problem] = useAnswer(() => store.commands.why(agent.cti_id, currentLanguage()), `${agent.since} ${agent.no_calls}`, EVERY_MS);
  return html`<${Refused} problem=${problem} /><ul>${why?.reasons.map(({ code, text }) => html`<li key=${code + text}>${text}</li>`)}</ul>`;
}
