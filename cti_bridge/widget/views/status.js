/** The agent's choice: Ready, Rest, Business. During a call it is the choice for after it. */
import { html } from '../vendor/preact-htm.js';
import { Button } from './controls.js';
import { usePanel } from './hooks.js';
import { Menu } from './menu.js';
import { Until } from './timer.js';
import { counted, isInternal, named, statusName } from './words.js';
import { t } from '../i18n/index.js';

/** The dock's second row: always there, always of the same height. */
export function StatusRow({ act, busy }) {
  const { agent, settings, connection, work } = usePanel().state;
  const now = agent.state === 'idle';
  const next = agent.next_status;
  const after = settings?.after_call === 'ready' || isInternal(agent.call) ? statusName(agent.status, agent.reason) : statusName('business', 'ticket_processing');
  const choose = (status, reason) => {
    if (now) return act('setStatus', status, reason);
    // The chosen one, pressed again, is taken back.
    const again = next && next.status === status && (next.reason ?? undefined) === reason;
    return act('setNextStatus', again ? null : status, again ? undefined : reason);
  };
  const title = t(now ? 'status.title' : 'next.title');
  return html`<div class="status">
    <p class="status-line"><span>${title}</span>${now ? html`<${Limit} agent=${agent} work=${work} />`
      : html`<span>${next ? statusName(next.status, next.reason) : t('next.otherwise', { status: after })}</span>`}</p>
    <${Choice} name=${title} chosen=${now ? agent : next} choose=${choose} reasons=${settings?.business_reasons ?? []}
      busy=${busy(now ? 'setStatus' : 'setNextStatus')} away=${connection !== 'open'} means=${now ? 'now' : 'next'} />
  </div>`;
}

/** When Ticket Processing ends by itself, else how many wait. */
function Limit({ agent: { ticket_processing_ends_at: ends, after_processing: then }, work }) {
  if (!ends) return work && html`<span>${counted('status.wait', work.waiting)}</span>`;
  const words = t('after.limit', { status: statusName(then?.status ?? 'ready', then?.reason) });
  return html`<span>${words}${' '}<strong><${Until} at=${ends} label=${words} /></strong></span>`;
}

/** One row of three; `chosen` is `{status, reason}` or null. */
function Choice({ name, chosen, choose, busy, away, reasons, means }) {
  const is = (status) => String(chosen?.status === status);
  const one = (status, keys) => html`<${Button} kind=${`segment tone-${status}`} aria-pressed=${is(status)} busy=${busy}
    keys=${keys} data-means=${means} onClick=${() => choose(status)}>${named('status', status)}<//>`;
  const items = reasons.map((reason) => ({
    text: named('reason', reason),
    checked: chosen?.status === 'business' && chosen.reason === reason,
    on: () => choose('business', reason),
  }));
  return html`<div class="segments" role="group" aria-label=${name}>
    ${one('ready', 'Alt+R')}${one('rest')}
    <${Menu} kind="segment tone-business" place="up" name=${t('status.business')} pressed=${is('business')} items=${items}
      means=${means} why=${away ? t('not_now') : undefined}>${t('status.business')}<//>
  </div>`;
}
