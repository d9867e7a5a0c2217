/** `<cti-reports>`: the page of reports, in a shadow root as the panel is. */
import { html, render } from '../vendor/preact-htm.js';
import { addTexts, preferredLanguage, rememberLanguage, useLanguage } from '../i18n/index.js';
import { App } from './app.js';

class CtiReports extends HTMLElement {
  async connectedCallback() {
    this.root = this.attachShadow({ mode: 'open' });
    this.place = document.createElement('div');
    // Drawn when the styles are there, so that nothing is seen without them.
    await Promise.all([styled(this.root), speak(preferredLanguage())]);
    this.root.append(this.place);
    this.draw();
  }

  draw() {
    const onLanguage = async (code) => {
      rememberLanguage(code);
      await speak(code);
      this.draw();
    };
    render(html`<${App} host=${this} onLanguage=${onLanguage} />`, this.place);
  }
}

/** The texts of the page come beside those that it shares with the panel. */
async function speak(code) {
  const [more] = await Promise.all([import(`./texts-${code}.js`), useLanguage(code)]);
  addTexts({ [code]: more.default });
}

function styled(root) {
  return new Promise((loaded) => {
    const link = document.createElement('link');
    link.rel = 'stylesheet';
    link.href = new URL('../style/reports.css', import.meta.url).href;
    link.onload = link.onerror = loaded;
    root.append(link);
  });
}

customElements.define('cti-reports', CtiReports);
