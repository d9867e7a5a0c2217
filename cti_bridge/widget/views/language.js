/** The language of the panel, by the agent's choice. */
import { html } from '../vendor/preact-htm.js';
import { LANGUAGES, currentLanguage, t } from '../i18n/index.js';

export const LanguageSelect = ({ onLanguage }) => html`<label class="language">
  <span class="sr-only">${t('language')}</span>
  <select class="input" value=${currentLanguage()} onChange=${(event) => onLanguage(event.target.value)}>
    ${Object.entries(LANGUAGES).map(([code, name]) => html`<option value=${code} lang=${code} selected=${code === currentLanguage()}>${name}</option>`)}
  </select>
</label>`;
