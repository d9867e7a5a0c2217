/** What a screen reader says by itself: a call that comes in, at once; a new state, when there is time. */
import { html } from '../vendor/preact-htm.js';
import { usePanel } from './hooks.js';
import { caller, label } from './words.js';
import { t } from '../i18n/index.js';

export function Announcer() {
  const { agent } = usePanel().state;
  const rings = agent?.state === 'ringing' && agent.call;
  return html`<div class="sr-only" role="alert">${rings && t('say.incoming', { name: caller(agent.call), queue: agent.call.queue ?? '' })}</div>
    <div class="sr-only" role="status">${agent && !rings && label(agent)}</div>`;
}
