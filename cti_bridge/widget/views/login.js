/** The first thing an agent sees; and again after a logout. */
import { html, useEffect, useRef, useState } from '../vendor/preact-htm.js';
import { Button, Field, Refused } from './controls.js';
import { useCommands } from './hooks.js';
import { LanguageSelect } from './language.js';
import { t } from '../i18n/index.js';

export function Login({ onLanguage }) {
  const { act, busy, problem } = useCommands();
  const [ctiId, setCtiId] = useState('');
  const [password, setPassword] = useState('');
  const form = useRef();
  // Not the attribute autofocus: Firefox ignores it here. In a page of somebody else the focus is that page's.
  useEffect(() => { if (parent === window) form.current[0].focus(); }, []);
  const submit = (event) => {
    event.preventDefault();
    // The password leaves the page's memory as soon as it was sent, whatever came of it.
    if (ctiId.trim() && password) act('login', ctiId.trim(), password).then(() => setPassword(''));
  };
  return html`<main class="login">
    <form class="card login-card" ref=${form} onSubmit=${submit} aria-label=${t('login.title')}>
      <h1>${t('login.title')}</h1>
      <p class="hint">${t('login.hint')}</p>
      <${Field} label=${t('login.cti_id')} value=${ctiId} onInput=${(event) => setCtiId(event.target.value)}
        autocomplete="username" autocapitalize="none" spellcheck=${false} required />
      <${Field} label=${t('login.password')} type="password" value=${password}
        onInput=${(event) => setPassword(event.target.value)} autocomplete="current-password" required />
      <${Refused} problem=${problem} />
      <${Button} type="submit" kind="primary wide" busy=${busy('login')}>${t('login')}<//>
      <${LanguageSelect} onLanguage=${onLanguage} />
    </form>
  </main>`;
}
