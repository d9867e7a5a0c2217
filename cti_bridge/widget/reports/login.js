/** Login on this page, where the browser has no session. */
import { html, useState } from '../vendor/preact-htm.js';
import { t } from '../i18n/index.js';
import { logIn } from './fetching.js';
import { refusalOf } from './words.js';

export function Login({ onDone }) {
  const [problem, setProblem] = useState(null);
  const [busy, setBusy] = useState(false);
  const submit = async (event) => {
    event.preventDefault();
    const form = event.currentTarget;
    setBusy(true);
    try {
      await logIn(form.elements.cti_id.value.trim(), form.elements.password.value);
      onDone();
    } catch (refused) {
      form.elements.password.value = '';
      setProblem(refused);
    } finally {
      setBusy(false);
    }
  };
  return html`<main class="alone"><form class="card login-card" onSubmit=${submit} aria-label=${t('login.title')}>
    <h1>${t('login.title')}</h1>
    <p class="hint">${t('rep.login_hint')}</p>
    <label class="field">${t('login.cti_id')}<input class="input" name="cti_id" autocomplete="username" autocapitalize="none" required /></label>
    <label class="field">${t('login.password')}<input class="input" name="password" type="password" autocomplete="current-password" required /></label>
    <div role="alert">${problem && html`<p class="refused">${refusalOf(problem)}</p>`}</div>
    <button class="button primary" disabled=${busy}>${t('login')}</button>
  </form></main>`;
}
