/** How long the agent has been with this customer, over holds and consultations. */
import { html } from '../vendor/preact-htm.js';
import { Since } from './timer.js';
import { t } from '../i18n/index.js';

export const Duration = ({ call }) => html`<p class="duration">
  <span class="hint">${t('call.duration')}</span><${Since} at=${call.answered_at ?? call.since} label=${t('call.duration')} /></p>`;
