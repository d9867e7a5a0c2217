/** The phone in the page: whether it works, the microphone, how well one is heard. Mute is in the dock. */
import { html, useEffect, useRef } from '../vendor/preact-htm.js';
import { Button, Refused } from './controls.js';
import { useCommands, usePanel } from './hooks.js';
import { Icon } from './icons.js';
import { t, tOr } from '../i18n/index.js';

/** Levels come many times a second, so they go past the drawing. */
function Level() {
  const { store } = usePanel();
  const bar = useRef();
  useEffect(() => store.onLevel((level) => {
    if (bar.current) bar.current.style.transform = `scaleX(${Math.min(1, Math.max(0, level))})`;
  }), [store]);
  return html`<span class="level" aria-hidden="true"><span class="level-bar" ref=${bar}></span></span>`;
}

function Problem({ problem }) {
  const { act, busy } = useCommands();
  return html`<div class="phone-problem" role="alert"><p><strong>${tOr(`phone.${problem}`, t('phone.problem'))}</strong>
      ${' '}${tOr(`phone.${problem}.do`, t('phone.problem.do'))}</p>
    <${Button} kind="small" busy=${busy('retryPhone')} onClick=${() => act('retryPhone')}>${t('phone.retry')}<//></div>`;
}

export function PhoneStrip() {
  const { phone } = usePanel().state;
  const { act, problem } = useCommands();
  // Nobody chose one, or it was pulled out: the browser takes the first.
  const used = phone.microphones.find(({ id }) => id === phone.microphoneId) ?? phone.microphones[0];
  return html`<section class="card phone" aria-label=${t('phone.title')}>
    <div class="phone-row">
      <span class=${`phone-state phone-${phone.state}`}><${Icon} name="phone" />${t(`phone.state.${phone.state}`)}</span>
      ${phone.quality && html`<span class=${`quality quality-${phone.quality}`}>${t(`phone.quality.${phone.quality}`)}</span>`}
    </div>
    ${phone.problem && html`<${Problem} problem=${phone.problem} />`}
    ${used && html`<div class="phone-row"><label class="microphone"><span class="sr-only">${t('phone.microphone')}</span>
        <select class="input" value=${used.id} onChange=${(event) => act('chooseMicrophone', event.target.value)}>
          ${phone.microphones.map((one, index) => html`<option value=${one.id} key=${one.id} selected=${one === used}>
            ${one.label || t('phone.microphone_number', { number: index + 1 })}</option>`)}
        </select></label><${Level} /></div>`}
    <${Refused} problem=${problem} />
  </section>`;
}
