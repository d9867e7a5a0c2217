/** Who is logged in, what they are doing and since when. */
import { html } from '../vendor/preact-htm.js';
import { Menu } from './menu.js';
import { Since } from './timer.js';
import { label } from './words.js';
import { LANGUAGES, currentLanguage, t } from '../i18n/index.js';
import { isPopOut } from '../popout.js';

const initials = (name) => name.split(/\s+/).slice(0, 2).map((word) => [...word][0] ?? '').join('').toUpperCase();

/** The colour of what the agent does; the words beside it say the same. */
export function tone(agent) {
  if (agent.state === 'idle') return agent.status;
  return { talking: 'talking', on_hold: 'hold', consulting: 'consult', reconnecting: 'lost' }[agent.state] ?? 'ringing';
}

export const Header = ({ agent, items }) => html`<header class="head">
  <div class="who">
    <span class="avatar" aria-hidden="true">${initials(agent.name)}</span>
    <div class="who-text"><h1 class="who-name" title=${agent.name}>${agent.name}</h1>
      <p class="hint">${t('header.phone', { number: agent.cti_number })}</p></div>
    <${Menu} name=${t('menu')} icon="more" kind="quiet icon-only" items=${items} />
  </div>
  <div class=${`state tone-${tone(agent)}`} role="group" aria-label=${t('header.state')}>
    <span class="dot" aria-hidden="true"></span>
    <strong class="state-label">${label(agent)}</strong>
    <${Since} at=${agent.since} label=${t('header.since')} />
  </div>
</header>`;

export function menuItems({ act, show, onLanguage }) {
  const others = Object.entries(LANGUAGES).filter(([code]) => code !== currentLanguage());
  return [
    { text: t('tickets.mine'), on: () => act('listTickets') },
    { text: t('help.title'), on: () => show('help') },
    ...(isPopOut ? [] : [{ text: t('menu.pop_out'), on: () => act('popOut') }]),
    ...('Notification' in window && Notification.permission === 'default'
      ? [{ text: t('menu.notifications'), on: () => act('allowNotifications') }] : []),
    ...others.map(([code, name]) => ({ text: name, on: () => onLanguage(code) })),
    { text: t('logout'), on: () => act('logout') },
  ];
}
