/** The page around the panel wants to dial a number: the agent is asked. Neither button is pressed by Enter in passing. */
import { html } from '../vendor/preact-htm.js';
import { Button } from './controls.js';
import { t } from '../i18n/index.js';

const LONGEST = 40;

export function PageAsks({ number, answer }) {
  const shown = number.length > LONGEST ? `${number.slice(0, LONGEST)}…` : number;
  return html`<div class="notice" role="group" aria-label=${t('dial_up')}>
    <div class="part"><p role="alert">${t('page.asks', { number: shown })}</p>
    <div class="actions two">
      <${Button} kind="primary" icon="phone" data-means=${number} data-no-enter onClick=${() => answer(true)}>${t('emergency.call', { number: shown })}<//>
      <${Button} local data-means=${number} onClick=${() => answer(false)}>${t('cancel')}<//>
    </div></div>
  </div>`;
}
