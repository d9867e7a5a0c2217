/** How long the agent has been with this customer, over holds and consultations. */
import { html } from '../vendor/preact-htm.js';
import { Since } from './timer.js';
import { t } from '../i18n/index.js';

const first = { call_id: null, at: null };

/** The view has the time of the present state only, so the first one of this call is kept. */
function since(call) {
  if (first.call_id !== call.call_id) Object.assign(first, { call_id: call.call_id, at: call.since });
  return call.answered_at ?? first.at;
}

export const Duration = ({ call }) => html`<p class="duration">
  <span class="hint">${t('call.duration')}</span><${Since} at=${since(call)} label=${t('call.duration')} /></p>`;
