/**
 * The dock: the call's buttons in six slots, and the status below them. Its box is the same in all states, and a slot's
 * buttons are always at the same place; one that cannot be used now stays and says why. Slot 1 alone ends something.
 */
import { html, useRef } from '../vendor/preact-htm.js';
import { Button } from './controls.js';
import { usePanel } from './hooks.js';
import { whyNoDialUp } from './idle.js';
import { Menu } from './menu.js';
import { StatusRow } from './status.js';
import { isAsked, isInternal, isProcessing, isThree } from './words.js';
import { t } from '../i18n/index.js';

/** `slot`: the first one that it fills, `wide`: how many. `means` tells the guard when its word is about another call. */
const Tool = ({ slot, wide = 1, kind = '', means, ...rest }) =>
  html`<${Button} ...${rest} kind=${`tool slot-${slot} wide-${wide} ${kind}`} data-means=${means} />`;

const Said = ({ children }) => html`<p class="tool-said slot-3 wide-4">${children}</p>`;

/** Why an action cannot be used now, else undefined. */
const whyNot = (agent, action) => (agent.allowed_actions.includes(action) ? undefined : t('not_now'));

const ROWS = { idle: Out, ringing: Offer, accepted: Offer };

/** `show(name, properties)` opens a sheet, or closes it where it is open. */
export function Dock({ later, commands, sheet, show }) {
  const { agent, connection } = usePanel().state;
  const row = useRef();
  const Row = (agent.call && ROWS[agent.state]) || (agent.call ? Conversation : Out);
  const keyed = (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const all = [...row.current.querySelectorAll('.tool')];
    const at = all.indexOf(event.target);
    if (!step || at < 0) return;
    event.preventDefault();
    all.at((at + step) % all.length).focus();
  };
  return html`<footer class="dock">
    <div class="tools" role="toolbar" aria-label=${t('dock')} aria-disabled=${String(connection !== 'open')} ref=${row} onKeyDown=${keyed}>
      <${Row} agent=${agent} ...${commands} later=${later} sheet=${sheet} show=${show} />
    </div>
    <${StatusRow} ...${commands} />
  </footer>`;
}

/** No call: Dial up; after a call its number is filled in. Neither dials at once. */
function Out({ agent, act, busy, later, show, sheet }) {
  const { lastCall } = usePanel().state;
  const number = (isProcessing(agent) && lastCall?.customer_number) || undefined;
  return html`<${Tool} slot=1 wide=4 icon="outgoing" keys="Alt+N" why=${whyNoDialUp(agent)} aria-expanded=${String(sheet === 'dial')}
    onClick=${() => show('dial', { number })}>${t(number ? 'call_again' : 'dial_up')}<//>
    ${later && html`<${later.askHelp} ...${{ agent, act, busy }} />`}`;
}

function Offer({ agent, act, busy }) {
  const { canAnswer } = usePanel().state;
  const means = agent.offer?.offer_id;
  const ringing = agent.state === 'ringing' && means;
  return html`<${Tool} slot=1 wide=2 icon="close" keys="Alt+X" means=${means} why=${whyNot(agent, 'decline')} busy=${busy('decline')}
      onClick=${() => act('decline')}>${t('cancel')}<//>
    ${!ringing ? html`<${Said}>${t('incoming.connecting')}<//>`
      : agent.answer === 'phone' ? html`<${Said}>${t('incoming.lift')}<//>`
      : html`<${Tool} slot=3 wide=4 kind="primary go" icon="phone" keys="Alt+A" means=${means} data-no-enter
          why=${canAnswer ? undefined : t('incoming.not_yet')} busy=${busy('answer')} onClick=${() => act('answer')}>${t('answer')}<//>`}`;
}

function Conversation({ agent, act, busy, later, sheet, show }) {
  const { state, call } = agent;
  const consulting = state === 'consulting';
  // Who dials, or is asked by a colleague, leads no conversation.
  const leads = state !== 'dialing' && (isInternal(call) || !isAsked(agent));
  const three = leads && isThree(agent);
  const how = consulting ? call.consult?.state ?? 'ringing' : '';
  const end = three ? 'leave' : 'hangUp';
  const phones = [call.call_id, how].join();
  return html`<${Tool} slot=1 kind="danger" icon="end" keys="Alt+Q" means=${phones} busy=${busy(end)}
      why=${whyNot(agent, three ? 'consult/leave' : 'hangup')} title=${how && t(`consult.hang_up.${how === 'held' ? 'talking' : how}`)}
      onClick=${() => act(end)}>${t(three ? 'leave' : 'hang_up')}<//>
    ${consulting ? html`<${Tool} slot=2 icon="transfer" means=${call.call_id} busy=${busy('swap')} why=${whyNot(agent, 'consult/swap')}
        onClick=${() => act('swap')}>${t('swap')}<//>`
      : leads && html`<${Hold} agent=${agent} act=${act} busy=${busy} />`}
    ${agent.answer === 'browser' && html`<${Mute} means=${call.call_id} act=${act} busy=${busy} />`}
    ${consulting ? html`<${Tool} slot=4 wide=2 kind="primary" busy=${busy('connect')} means=${phones} onClick=${() => act('connect')}
        why=${how === 'alone' ? t('problem.customer_left') : whyNot(agent, 'consult/connect')}>${t('consult.connect')}<//>`
      : leads && html`<${Tool} slot=4 icon="transfer" keys="Alt+T" means=${call.call_id} aria-expanded=${String(sheet === 'transfer')}
        why=${whyNot(agent, 'consult') && whyNot(agent, 'transfer')} onClick=${() => show('transfer')}>${t('transfer')}<//>`}
    ${!consulting && later && html`<${later.askHelp} ...${{ agent, act, busy }} />`}
    <${More} agent=${agent} act=${act} later=${later} show=${show} />`;
}

function Hold({ agent, act, busy }) {
  const { state, call } = agent;
  const held = state === 'on_hold';
  const name = held ? 'resume' : 'hold';
  return html`<${Tool} slot=2 kind=${held ? 'held-tool' : ''} icon=${name} keys="Alt+H" means=${call.call_id} busy=${busy(name)}
    why=${held && call.held_by.includes('phone') ? t('hold.on_phone') : whyNot(agent, name)} onClick=${() => act(name)}>${t(name)}<//>`;
}

/** Of the phone in the page: it needs no server. */
function Mute({ means, act, busy }) {
  const { muted } = usePanel().state.phone;
  return html`<${Tool} slot=3 kind=${muted ? 'muted-tool' : ''} icon=${muted ? 'muted' : 'mic'} keys="Alt+M" means=${means} local
    aria-pressed=${String(muted)} busy=${busy('mute')} onClick=${() => act('mute', !muted)}>${t(muted ? 'phone.muted' : 'phone.mute')}<//>`;
}

/** What is seldom needed. The last two ask first. */
function More({ agent, act, later, show }) {
  const { call, allowed_actions: allowed } = agent;
  const away = usePanel().state.connection !== 'open' ? t('not_now') : undefined;
  const warning = call.state === 'warning'
    ? { text: t('warn.stop'), why: whyNot(agent, 'warn/stop'), on: () => act('stopWarning') }
    : allowed.includes('warn') && { text: t('warn'), on: () => show('warn') };
  const items = [
    { text: t('keypad'), keys: 'Alt+K', why: whyNot(agent, 'dtmf'), on: () => show('keypad') },
    ...(later?.items(agent, act) ?? []),
    warning,
    { text: t('force'), why: whyNot(agent, 'force-disconnect'), on: () => show('force') },
  ].filter(Boolean);
  return html`<${Menu} name=${t('more')} icon="more" kind="tool" place="up slot-6" why=${away} items=${items}
    means=${call.call_id}>${t('more')}<//>`;
}
