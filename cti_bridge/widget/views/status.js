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
    <${Choice} name=${title} chosen=${now ? agent : next} choose=${choose} settings=${settings}
      busy=${busy(now ? 'setStatus' : 'setNextStatus')} away=${connection !== 'open'} means=${now ? 'now' : 'next'} />
  </div>`;
}

/** When Ticket Processing ends by itself, else how many wait. */
function Limit({ agent: { ticket_processing_ends_at: ends, after_processing: then }, work }) {
  if (!ends) return work && html`<span>${counted('status.wait', work.waiting)}</span>`;
  const words = t('after.limit', { status: statusName(then?.status ?? 'ready', then?.reason) });
  return html`<span>${words}${' '}<strong><${Until} at=${ends} label=${words} /></strong></span>`;
}

/** One row of three; `chosen` is `{status, reason}` or null. A status that has reasons is a menu of them. */
function Choice({ name, chosen, choose, busy, away, settings, means }) {
  const one = (status, keys) => {
    const kind = `segment tone-${status}`;
    const is = chosen?.status === status;
    const text = named('status', status);
    const items = settings?.[`${status}_reasons`]?.map((reason) => ({
      text: named('reason', reason),
      checked: is && chosen.reason === reason,
      on: () => choose(status, reason),
    }));
    return items?.length ? html`<${Menu} kind=${kind} place="up" name=${text} pressed=${String(is)} items=${items}
        means=${means} why=${away ? t('not_now') : undefined}>${text}<//>`
      : html`<${Button} kind=${kind} aria-pressed=${String(is)} busy=${busy}
        keys=${keys} data-means=${means} onClick=${() => choose(status)}>${text}<//>`;
  };
  return html`<div class="segments" role="group" aria-label=${name}>${one('ready', 'Alt+R')}${one('rest')}${one('business')}</div>`;
}
