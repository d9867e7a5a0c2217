/** Which view is on the screen. The server's state decides; here is only which dialog the agent has opened. */
import { html, useCallback, useEffect, useLayoutEffect, useRef, useState } from '../vendor/preact-htm.js';
import { AfterCall } from './after.js';
import { Announcer } from './announcer.js';
import { ElsewhereHint, Ended, Moved, ReconnectingBanner, SoundHint, Starting } from './connection.js';
import { Consulting } from './consult.js';
import { Refused } from './controls.js';
import { DialDialog } from './dial.js';
import { Dialing } from './dialing.js';
import { ForceDialog } from './force.js';
import { Header, menuItems } from './header.js';
import { HelpDialog } from './help.js';
import { OnHold } from './hold.js';
import { Panel, useCommands, usePanel } from './hooks.js';
import { Idle, canDialUp } from './idle.js';
import { Incoming } from './incoming.js';
import { Login } from './login.js';
import { PhoneLost } from './lost.js';
import { Notices } from './notices.js';
import { PhoneStrip } from './phone.js';
import { useShortcuts } from './shortcuts.js';
import { StatusChoice } from './status.js';
import { Talking } from './talking.js';
import { Ticket } from './ticket.js';
import { Tickets } from './tickets.js';
import { TransferDialog } from './transfer.js';
import { hasFront } from '../state/front.js';
import { preferredLanguage, rememberLanguage, t, useLanguage } from '../i18n/index.js';

export function App({ store }) {
  const [state, show] = useState(store.state);
  const root = useRef();
  useLayoutEffect(() => {
    show(store.state);
    return store.subscribe(() => show(store.state));
  }, [store]);
  const onLanguage = useLanguageChoice(store, state.settings);
  useShortcuts(() => root.current);
  return html`<${Panel.Provider} value=${{ store, state }}>
    <div class="panel" ref=${root}><${Screen} connection=${state.connection} onLanguage=${onLanguage} /></div>
  <//>`;
}

/** Draws again in the language that the agent chooses, or that the bridge is set to. */
function useLanguageChoice(store, settings) {
  const [, drawAgain] = useState(0);
  const speak = async (code) => {
    const other = await useLanguage(code);
    store.setTexts({ incoming: t('title.incoming') });
    if (other) drawAgain((count) => count + 1);
  };
  useEffect(() => { speak(preferredLanguage(settings?.language)); }, [settings?.language]);
  return useCallback((code) => {
    rememberLanguage(code);
    speak(code);
  }, []);
}

function Screen({ connection, onLanguage }) {
  const { agent } = usePanel().state;
  // Asked for from "moved" or "ended": the session there is over, so nothing can be lost.
  const [again, loginAgain] = useState(false);
  useEffect(() => loginAgain(false), [connection]);
  if (connection === 'login' || again) return html`<${Login} onLanguage=${onLanguage} />`;
  if (connection === 'moved') return html`<${Moved} onLogin=${() => loginAgain(true)} />`;
  if (connection === 'ended') return html`<${Ended} onLogin=${() => loginAgain(true)} />`;
  if (!agent) return html`<${Starting} />`;
  return html`<${Desk} connection=${connection} onLanguage=${onLanguage} />`;
}

const DIALOGS = {
  dial: [DialDialog, canDialUp],
  transfer: [TransferDialog, (agent) => agent.allowed_actions.includes('consult') || agent.allowed_actions.includes('transfer')],
  force: [ForceDialog, (agent) => agent.allowed_actions.includes('force-disconnect')],
  help: [HelpDialog, (agent) => !agent.offer],
};

const VIEWS = {
  ringing: Incoming, accepted: Incoming, dialing: Dialing, talking: Talking, on_hold: OnHold, consulting: Consulting,
  reconnecting: PhoneLost,
};

function viewOf({ state, call, status, reason }) {
  if (state !== 'idle' && call) return VIEWS[state];
  return status === 'business' && reason === 'ticket_processing' ? AfterCall : Idle;
}

function Desk({ connection, onLanguage }) {
  const { state } = usePanel();
  const { agent, ticket, ticketList, sound, owner } = state;
  const { act, problem, clear } = useCommands();
  const [dialog, show] = useState(null);
  const [Opened, allowed] = DIALOGS[dialog] ?? [];
  // What is not possible any more closes by itself, so that nothing lies over an incoming call.
  const open = Opened && allowed(agent);
  useEffect(() => {
    if (dialog && !open) show(null);
  }, [dialog, open]);
  // The ticket of a call that is connected comes before the list.
  useEffect(() => { if (ticketList) act('closeTickets'); }, [ticket?.ticket_id]);
  const View = viewOf(agent);
  const Side = ticketList ? Tickets : hasFront(state) ? Ticket : null;
  const browser = agent.answer === 'browser';
  return html`<${Announcer} />
    <div class=${`desk ${Side ? 'with-side' : ''}`} onClickCapture=${problem && clear}>
      <div class="call-side">
        <${Header} agent=${agent} items=${menuItems({ act, show, onLanguage })} />
        ${connection === 'reconnecting' && html`<${ReconnectingBanner} call=${agent.call} />`}
        <${Refused} problem=${problem} what="logout" />
        <main class="main" inert=${connection !== 'open'}>
          ${agent.state === 'idle' && html`<${StatusChoice} />`}
          ${!owner ? html`<${ElsewhereHint} phone=${browser} />` : !sound.allowed && html`<${SoundHint} />`}
          <${View} key=${`${agent.state} ${agent.call?.call_id}`} show=${show} onDial=${() => show('dial')} />
          ${browser && html`<${PhoneStrip} />`}
          <${Notices} />
        </main>
      </div>
      ${Side && html`<div class="ticket-side"><${Side} /></div>`}
    </div>
    ${open && html`<${Opened} onClose=${() => show(null)} />`}`;
}
