/** The alerts of the service. The row is always there, so nothing moves when one comes. */
import { html } from '../vendor/preact-htm.js';
import { alertsOf } from '../watching/alerts.js';
import { Icon } from '../watching/icons.js';
import { t } from '../i18n/index.js';

export function Alerts({ sections, service, now }) {
  const { queues, alerts, services } = sections;
  const found = alertsOf({ queues, alerts, services }, now, service);
  return html`<section class="alerts" aria-label=${t('alerts.title')} role="status">
    ${found.length === 0 ? html`<p class="hint">${t('alerts.none')}</p>`
      : html`<ul>${found.map(({ id, tone, icon, text }) => html`<li key=${id} class=${`chip tone-${tone === 'alarm' ? 'alarm' : 'hold'}`}><${Icon} name=${icon} />${t(...text)}</li>`)}</ul>`}
  </section>`;
}
