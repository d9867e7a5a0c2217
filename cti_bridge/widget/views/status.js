/** The agent's choice: Ready, Rest, Business. During a call it is the choice for after it. */
import { html } from '../vendor/preact-htm.js';
import { Button, Refused } from './controls.js';
import { useCommands, usePanel } from './hooks.js';
import { Menu } from './menu.js';
import { named, statusName } from './words.js';
import { t } from '../i18n/index.js';

/** One row of three; `chosen` is `{status, reason}` or null. */
function Choice({ name, chosen, choose, busy, reasons }) {
  const is = (status) => String(chosen?.status === status);
  const one = (status, keys) => html`<${Button} kind=${`segment tone-${status}`} aria-pressed=${is(status)} busy=${busy}
    keys=${keys} onClick=${() => choose(status)}>${named('status', status)}<//>`;
  const items = reasons.map((reason) => ({
    text: named('reason', reason),
    checked: chosen?.status === 'business' && chosen.reason === reason,
    on: () => choose('business', reason),
  }));
  return html`<div class="segments" role="group" aria-label=${name}>
    ${one('ready', 'Alt+R')}${one('rest')}
    <${Menu} kind="segment tone-business" name=${t('status.business')} pressed=${is('business')} items=${items}>${t('status.business')}<//>
  </div>`;
}

/** While there is no call. */
export function StatusChoice() {
  const { agent, settings } = usePanel().state;
  const { act, busy, problem } = useCommands();
  return html`<div class="status"><${Choice} name=${t('status.title')} chosen=${agent} reasons=${settings?.business_reasons ?? []}
    busy=${busy('setStatus')} choose=${(status, reason) => act('setStatus', status, reason)} />
    <${Refused} problem=${problem} /></div>`;
}

/** During a call. The chosen one, pressed again, is taken back. */
export function NextStatus() {
  const { agent, settings } = usePanel().state;
  const { act, busy, problem } = useCommands();
  const next = agent.next_status;
  const choose = (status, reason) => {
    const again = next && next.status === status && (next.reason ?? undefined) === reason;
    act('setNextStatus', again ? null : status, again ? undefined : reason);
  };
  const otherwise = settings?.after_call === 'ready' ? statusName('ready') : statusName('business', 'ticket_processing');
  return html`<section class="next" aria-label=${t('next.title')}>
    <h2 class="small-title">${t('next.title')}</h2>
    <${Choice} name=${t('next.title')} chosen=${next} reasons=${settings?.business_reasons ?? []} busy=${busy('setNextStatus')} choose=${choose} />
    <p class="hint">${next ? t('next.chosen', { status: statusName(next.status, next.reason) }) : t('next.otherwise', { status: otherwise })}</p>
    <${Refused} problem=${problem} />
  </section>`;
}
