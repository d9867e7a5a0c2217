/** One row: what the agent does, since when, and the menu with their name and number. */
import { html, useMemo } from '../vendor/preact-htm.js';
import { usePanel } from './hooks.js';
import { Menu } from './menu.js';
import { Since } from './timer.js';
import { isThree, label } from './words.js';
import { LANGUAGES, currentLanguage, t } from '../i18n/index.js';
import { isPopOut } from '../popout.js';

const initials = (name) => name.split(/\s+/).slice(0, 2).map((word) => [...word][0] ?? '').join('').toUpperCase();

/** The colour of what the agent does; the words beside it say the same. */
export function tone(agent) {
  if (agent.state === 'idle') return agent.status;
  if (isThree(agent)) return 'consult';
  return { talking: 'talking', on_hold: 'hold', consulting: 'consult', monitoring: 'consult', reconnecting: 'lost' }[agent.state] ?? 'ringing';
}

export function Header({ items, later, commands }) {
  const { agent, connection, clockOffsetMs } = usePanel().state;
  const lost = connection === 'reconnecting';
  const lostAt = useMemo(() => new Date(Date.now() + clockOffsetMs).toISOString(), [lost]);
  const face = html`<span class="avatar" aria-hidden="true">${initials(agent.name)}</span>`;
  const head = html`<p class="menu-head"><strong>${agent.name}</strong><span class="hint">${t('header.phone', { number: agent.cti_number })}</span></p>`;
  return html`<header class=${`head tone-${lost ? 'lost' : tone(agent)}`}>
    <h1 class="sr-only">${agent.name}</h1>
    <div class="state" role="group" aria-label=${t('header.state')}>
      <span class="dot" aria-hidden="true"></span>
      <strong class="state-label">${lost ? t('connection.reconnecting') : label(agent)}</strong>
      <${Since} at=${lost ? lostAt : agent.since} label=${t('header.since')} />
    </div>
    ${later && html`<${later.styles} /><${later.sign} ...${commands} />`}
    <${Menu} name=${t('menu')} kind="quiet icon-only" face=${face} head=${head} items=${items} />
  </header>`;
}

export function menuItems({ act, show, onLanguage, messages }) {
  const others = Object.entries(LANGUAGES).filter(([code]) => code !== currentLanguage());
  return [
    { text: t('help.title'), on: () => show('help') },
    { text: t('messages') + (messages ? ` (${messages})` : ''), on: () => show('messages', { show }) },
    ...(isPopOut ? [] : [{ text: t('menu.pop_out'), on: () => act('popOut') }]),
    ...('Notification' in window && Notification.permission === 'default'
      ? [{ text: t('menu.notifications'), on: () => act('allowNotifications') }] : []),
    ...others.map(([code, name]) => ({ text: name, on: () => onLanguage(code) })),
    { text: t('logout'), on: () => act('logout') },
  ];
}
