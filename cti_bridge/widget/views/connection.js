/** What is shown when there is no connection to the bridge, or this window has none any more. */
import { html } from '../vendor/preact-htm.js';
import { Button, Refused, Spinner } from './controls.js';
import { useCommands } from './hooks.js';
import { Icon } from './icons.js';
import { t } from '../i18n/index.js';

export const Starting = () => html`<main class="alone"><${Spinner} /></main>`;

/** Over the last known state: nothing can be asked for until the truth is there. The header says that it is lost. */
export const Away = ({ call }) => html`<div class="notice warning" role="status">
  <p>${call && html`<strong>${t('connection.goes_on')}</strong> `}${t('connection.kept')}</p>
</div>`;

function Over({ title, text, button, on, problem, busy }) {
  return html`<main class="alone"><div class="card over">
    <${Icon} name="people" /><h1>${title}</h1><p>${text}</p>
    <${Refused} problem=${problem} />
    <${Button} kind="primary" onClick=${on} busy=${busy}>${button}<//>
  </div></main>`;
}

/** Another window has begun a session of the same agent. */
export const Moved = ({ onLogin }) => html`<${Over} title=${t('moved.title')} text=${t('moved.text')}
  button=${t('moved.login')} on=${onLogin} />`;

/** Logged out, here or by the server. */
export const Ended = ({ onLogin }) => html`<${Over} title=${t('session_ended.title')} text=${t('session_ended.text')}
  button=${t('login')} on=${onLogin} />`;

/** The browser lets a page make a sound only after a click: any will do. */
export const SoundHint = () => html`<div class="banner warning" role="status"><${Icon} name="bell" /><span>${t('sound.blocked')}</span>
  <${Button} kind="small">${t('sound.allow')}<//></div>`;

/** Another tab has the sound and the phone. */
export function ElsewhereHint({ phone }) {
  const { act, busy } = useCommands();
  return html`<div class="banner" role="status"><${Icon} name="bell" />
    <span>${t(phone ? 'elsewhere.phone' : 'elsewhere.sound')}</span>
    <${Button} kind="small" busy=${busy('takeOver')} onClick=${() => act('takeOver')}>${t('elsewhere.here')}<//></div>`;
}
