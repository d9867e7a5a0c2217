/** The conversation. */
import { html, useState } from '../vendor/preact-htm.js';
import { Button, Refused } from './controls.js';
import { ForceDisconnect, HangUp, Hold, Transfer, Warn } from './actions.js';
import { Duration } from './duration.js';
import { useCommands, usePanel } from './hooks.js';
import { Keypad } from './keypad.js';
import { Caller, Facts } from './party.js';
import { LastResult } from './result.js';
import { NextStatus } from './status.js';
import { t } from '../i18n/index.js';

export function Talking({ show }) {
  const { agent } = usePanel().state;
  const { call } = agent;
  const { act, busy, problem } = useCommands();
  const [keypad, setKeypad] = useState(false);
  if (call.state.startsWith('consult')) return html`<${Consulted} />`;
  return html`<section class="card talking" aria-label=${t('state.talking')}>
      <${Caller} call=${call} /><${Duration} call=${call} /><${Facts} call=${call} />
      <${LastResult} call=${call} />
      <div class="actions three">
        <${Hold} agent=${agent} act=${act} busy=${busy} />
        <${Transfer} agent=${agent} onClick=${() => show('transfer')} />
        <${Button} icon="keypad" keys="Alt+K" aria-expanded=${String(keypad)} onClick=${() => setKeypad(!keypad)}
          why=${agent.allowed_actions.includes('dtmf') ? undefined : t('not_now')}>${t('keypad')}<//>
      </div>
      ${keypad && html`<${Keypad} />`}
      <${HangUp} agent=${agent} act=${act} busy=${busy} kind="danger wide" />
      <${Refused} problem=${problem} />
      <div class="actions end">
        <${Warn} agent=${agent} act=${act} busy=${busy} />
        <${ForceDisconnect} agent=${agent} onClick=${() => show('force')} />
      </div>
    </section>
    <${NextStatus} />`;
}

/** This agent is the one who is asked: the customer belongs to the colleague still. */
function Consulted() {
  const { agent } = usePanel().state;
  const { act, busy, problem } = useCommands();
  const alone = agent.call.state === 'consult_alone';
  return html`<section class="card talking" aria-label=${t('state.talking')}>
    <p class="eyebrow">${t('consulted.title')}</p>
    <${Caller} call=${agent.call} />
    <p>${t(alone ? 'consulted.alone' : 'consulted.text')}</p>
    <${HangUp} agent=${agent} act=${act} busy=${busy} kind="danger wide" />
    <${Refused} problem=${problem} />
  </section>`;
}
