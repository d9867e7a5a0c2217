/** Asks the supervisors for help with one click; once more takes it back. They see it until it is answered. */
import { html } from '../vendor/preact-htm.js';
import { Button } from './controls.js';
import { t } from '../i18n/index.js';

const HAND = 'M7 13V6.500a1.500 1.500 0 0 1 3 0V11V4.500a1.500 1.500 0 0 1 3 0V11V5.500a1.500 1.500 0 0 1 3 0V12V8.500a1.500 1.500 0 0 1 3 0V15a6 6 0 0 1-6 6h-2a6 6 0 0 1-5-3l-3-5a1.500 1.500 0 0 1 2.500-1.500z';

/** The icon stands above the word, as in all of the dock. */
const ABOVE = { display: 'grid', gap: '4px', justifyItems: 'center' };

/** In slots 5 and 6 where there is no call, else in 5. */
export function AskHelp({ agent, act, busy }) {
  const asked = Boolean(agent.help_since);
  const name = asked ? 'endHelp' : 'askHelp';
  return html`<${Button} kind=${`tool ${asked ? 'held-tool' : ''}`} style=${{ gridColumn: agent.call ? '5' : '5 / span 2' }} aria-pressed=${String(asked)}
    title=${t(asked ? 'ask_help.end' : 'ask_help.hint')} busy=${busy('askHelp') || busy('endHelp')} onClick=${() => act(name)}>
    <span style=${ABOVE}><svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path d=${HAND} /></svg>
      ${t(asked ? 'ask_help.asked' : 'ask_help')}</span><//>`;
}
