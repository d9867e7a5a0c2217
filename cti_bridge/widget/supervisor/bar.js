/** The bar that all pages of supervisors share: the service, the pages, the language. */
import { html } from '../vendor/preact-htm.js';
import { LANGUAGES, currentLanguage, t } from '../i18n/index.js';

/** Their addresses, relative to one of them. */
const PAGES = [['live', 'bar.live'], ['reports', 'bar.reports']];

/** `services` are those of the session; an empty `service` is all of them. */
export const Bar = ({ here, services = [], service = '', onService, onLanguage, children }) => html`<header class="bar">
  ${services.length > 1 && html`<select class="input of-service" aria-label=${t('bar.service')}
    onChange=${(event) => onService(event.target.value)}>
    <option value="" selected=${!service}>${t('bar.all_services')}</option>
    ${services.map(({ id, name }) => html`<option value=${id} selected=${id === service}>${name || id}</option>`)}
  </select>`}
  ${services.length === 1 && html`<strong class="cut">${services[0].name || services[0].id}</strong>`}
  <nav aria-label=${t('bar.pages')}>
    ${PAGES.map(([page, key]) => html`<a href=${page} aria-current=${page === here ? 'page' : null}>${t(key)}</a>`)}
    <a href="../wallboard" target="cti-wallboard">${t('bar.wallboard')}</a>
    <a href="../">${t('bar.panel')}</a>
  </nav>
  <span class="grow"></span>
  ${children}
  <label><span class="sr-only">${t('language')}</span>
    <select class="input" onChange=${(event) => onLanguage(event.target.value)}>
      ${Object.entries(LANGUAGES).map(([code, name]) => html`<option value=${code} lang=${code}
        selected=${code === currentLanguage()}>${name}</option>`)}
    </select>
  </label>
</header>`;
