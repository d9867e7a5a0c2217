/** The bar at the bottom while one monitors: whom, and who hears one, in words. A mode is chosen when it is in force. */
import { html } from '../vendor/preact-htm.js';
import { Icon } from '../watching/icons.js';
import { Button } from '../views/controls.js';
import { Since } from '../views/timer.js';
import { t } from '../i18n/index.js';

const MODES = [['listen', 'ear'], ['whisper', 'whisper'], ['barge', 'people']];

export function Monitoring({ monitor, ask, act, busy }) {
  const { mode, confirmed, call_id: callId, name } = monitor;
  const choose = (wanted) => {
    if (wanted === confirmed && wanted === mode) return;
    if (wanted === 'barge') ask({ kind: 'switch', name, callId });
    else act('switchTo', callId, wanted);
  };
  const keyed = (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const all = [...event.currentTarget.querySelectorAll('button')];
    if (!step) return;
    event.preventDefault();
    all.at((all.indexOf(event.target) + step) % all.length).focus();
  };
  return html`<footer class="mon" role="region" aria-label=${t('monitor.bar')}>
    <div class="grow" role="status"><p><b>${name ? t('monitor.whom', { name }) : t('monitor.nobody_now')}</b> <${Since} at=${monitor.since} label=${t('monitor.bar')} /></p>
      <p class="s13">${heardWords(monitor)}</p></div>
    <div class="modes" role="radiogroup" aria-label=${t('monitor.bar')} onKeyDown=${keyed}>${MODES.map(([one, icon]) => html`<button type="button" role="radio" key=${one}
      class=${confirmed === one ? 'on' : ''} aria-checked=${String(confirmed === one)} tabindex=${(confirmed ?? 'listen') === one ? 0 : -1}
      aria-busy=${mode === one && confirmed !== one ? 'true' : null} onClick=${() => choose(one)}><${Icon} name=${icon} />${t(`act.${one}`)}</button>`)}</div>
    <${Button} icon="close" busy=${busy('stop')} onClick=${() => act('stop', callId)}>${t('monitor.stop')}<//>
  </footer>`;
}

function heardWords({ state, mode, confirmed, heard_by: heard, name }) {
  if (state === 'ringing') return t('monitor.ringing');
  const switching = state === 'on' && mode !== confirmed ? ` ${t('monitor.switching')}` : '';
  if (heard.length === 0) return t('monitor.hears.nobody') + switching;
  if (heard.length === 1 && heard[0] === 'agent') return t('monitor.hears.agent', { name }) + switching;
  return t(heard.length === 2 && heard.includes('customer') ? 'monitor.hears.both' : 'monitor.hears.others') + switching;
}
