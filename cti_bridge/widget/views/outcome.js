/** How the last call ended, until the next one. */
import { html } from '../vendor/preact-htm.js';
import { usePanel } from './hooks.js';
import { named, when } from './words.js';
import { t } from '../i18n/index.js';

export function Outcome() {
  const { ended } = usePanel().state;
  if (!ended) return null;
  const how = ended.outcome === 'completed' && ended.ended_by ? named('ended_by', ended.ended_by) : named('outcome', ended.outcome);
  return html`<p class="outcome"><span>${t('outcome.title')}</span><strong>${how}</strong>
    ${ended.at && html`<time class="hint" datetime=${ended.at}>${when(ended.at)}</time>`}</p>`;
}
