/** The question before an emergency number is called, where what was pressed stood. */
import { html, useLayoutEffect, useRef } from '../vendor/preact-htm.js';
import { Button } from './controls.js';
import { t } from '../i18n/index.js';

/** `asked` of `useCommands`. Cancel stands where the button stood, which is the second one for a direct transfer: a
 * double click calls nobody. */
export function Emergency({ name, number, busy, yes, no }) {
  const place = useRef();
  useLayoutEffect(() => {
    // The button that had the focus is gone: keys are the sheet's, Escape above all.
    const sheet = place.current.closest('.sheet');
    const hold = () => sheet.getRootNode().activeElement || sheet.focus();
    hold();
    place.current.scrollIntoView({ block: 'nearest' });
    return () => requestAnimationFrame(hold);
  }, []);
  const both = [html`<${Button} key="no" onClick=${no}>${t('cancel')}<//>`,
    html`<${Button} key="yes" kind="danger" icon="phone" busy=${busy} onClick=${yes}>${t('emergency.call', { number })}<//>`];
  return html`<div class="part" ref=${place}><p role="alert">${t('emergency.ask', { number })}</p>
    <div class="actions two">${name === 'transfer' ? both.reverse() : both}</div></div>`;
}
