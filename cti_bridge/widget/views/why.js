/** "Why am I not getting calls?": every reason that the server names, and what to do about it. */
import { html } from '../vendor/preact-htm.js';
import { usePanel } from './hooks.js';
import { statusName } from './words.js';
import { t, tOr } from '../i18n/index.js';

export function Why() {
  const { agent } = usePanel().state;
  const codes = agent.no_calls ?? [];
  const now = { status: statusName(agent.status, agent.reason), number: agent.cti_number };
  return html`<details class="why">
    <summary>${t('why.title')}</summary>
    ${codes.length === 0
      ? html`<p>${t('why.none')}</p>`
      : html`<ul>${codes.map((code) => html`<li key=${code}>
          <strong>${tOr(`why.${code}`, code, now)}</strong> ${tOr(`why.${code}.do`, '', now)}</li>`)}</ul>`}
  </details>`;
}
