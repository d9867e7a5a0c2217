/** Which view is on the screen. The server's state decides; here is only which sheet the agent has opened. */
import { html, useCallback, useEffect, useLayoutEffect, useRef, useState } from '../vendor/preact-htm.js';
import { AfterCall } from './after.js';
import { Announcer } from './announcer.js';
import { Away, ElsewhereHint, Ended, Moved, SoundHint, Starting } from './connection.js';
import { Dialing } from './dialing.js';
import { Dock } from './dock.js';
import { useGuard } from './guard.js';
import { Header, menuItems } from './header.js';
import { OnHold } from './hold.js';
import { Panel, useCommands, usePanel } from './hooks.js';
import { Idle, canDialUp } from './idle.js';
import { Incoming } from './incoming.js';
import { Login } from './login.js';
import { PhoneLost } from './lost.js';
import { Notices } from './notices.js';
import { useShortcuts } from './shortcuts.js';
import { TabList } from './tabs.js';
import { Talking } from './talking.js';
import { Ticket } from './ticket.js';
import { isAsked, isProcessing, isThree } from './words.js';
import { isWriting } from './writing.js';
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
  useGuard(root);
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

const may = (...actions) => (agent) => actions.some((one) => agent.allowed_actions.includes(one));
const unoffered = (agent) => !agent.offer;

/** When each sheet can be there. */
const ALLOWED = {
  dial: canDialUp,
  transfer: may('consult', 'transfer'),
  keypad: may('dtmf'),
  warn: may('warn', 'warn/stop'),
  force: may('force-disconnect'),
  help: unoffered,
  messages: unoffered,
};
/** The sheets and lists, which come right behind the first view: nobody opens one before it. */
let sheets = null;
let attempts = 0;
const RETRY_MS = 3_000;

/** A browser remembers an address that could not be loaded, so each attempt has its own. */
async function loadSheets() {
  try {
    ({ SHEETS: sheets } = await import(`./sheets.js?${attempts}`));
  } catch {
    attempts += 1;
  }
}

const VIEWS = {
  ringing: Incoming, accepted: Incoming, dialing: Dialing, talking: Talking, on_hold: OnHold, reconnecting: PhoneLost,
};

function viewOf(agent) {
  const { state, call } = agent;
  if (isThree(agent) && !isAsked(agent)) return sheets?.consulting ?? Starting;
  if (state !== 'idle' && call) return VIEWS[state] ?? sheets?.[state] ?? Starting;
  return isProcessing(agent) ? AfterCall : Idle;
}

/** What is not possible any more closes by itself, but never under somebody's fingers. */
function useSheet(agent, desk) {
  const { store } = usePanel();
  sheets?.addTo(store);
  const [sheet, set] = useState(null);
  const [tries, drawAgain] = useState(0);
  useEffect(() => {
    // What could not be loaded comes at the next attempt: when a sheet is opened, or a moment later.
    if (!sheets) loadSheets().then(() => (sheets ? drawAgain(-1) : set(null)));
    const again = setTimeout(() => sheets || drawAgain((count) => count + 1), RETRY_MS);
    return () => clearTimeout(again);
  }, [sheet, tries]);
  const Opened = sheets?.[sheet?.name];
  const open = Opened && (ALLOWED[sheet.name](agent) || isWriting(desk.current, '.sheet')) ? Opened : null;
  useEffect(() => {
    if (sheet && sheets && !open) set(null);
  }, [sheet, open]);
  const show = (name, properties) => set((now) => (now?.name === name ? null : { name, ...properties }));
  return { Sheet: open, name: open && sheet.name, properties: sheet, show, close: () => set(null) };
}

/** What is seldom needed: below everything during a call, above before it. */
function Hints({ agent }) {
  const { sound, owner } = usePanel().state;
  const browser = agent.answer === 'browser';
  return html`<div class=${agent.call ? 'hints in-call' : 'hints'}>
    ${!owner ? html`<${ElsewhereHint} phone=${browser} />` : !sound.allowed && html`<${SoundHint} />`}
    ${browser && sheets && html`<${sheets.strip} />`}
  </div>`;
}

function Desk({ connection, onLanguage }) {
  const { agent, ticket, ticketList, asked, work } = usePanel().state;
  const desk = useRef();
  const over = useRef();
  const commands = useCommands();
  const { act, problem, what, clear } = commands;
  const { Sheet, name, properties, show, close } = useSheet(agent, desk);
  const [, drawAgain] = useState(0);
  const [day, showDay] = useState(false);
  const shown = day ? 'day' : ticketList ? 'tickets' : 'call';
  const choose = (id) => {
    showDay(id === 'day');
    if (id === 'tickets') act('listTickets');
    else if (ticketList) act('closeTickets');
  };
  // The ticket of a call that is connected comes before the list and one's day, and so does a call that is offered.
  useEffect(() => choose(), [ticket?.ticket_id, agent.offer?.offer_id]);
  const View = viewOf(agent);
  // The focus is nowhere until it has arrived.
  const left = () => setTimeout(() => drawAgain((count) => count + 1));
  // What lies over the caller card stays with it.
  const scrolled = ({ target }) => {
    if (target.matches('.scroll,.call-part')) over.current.style.top = `${-target.scrollTop}px`;
  };
  return html`<${Announcer} />
    <div class=${`desk ${shown === 'call' ? '' : 'listing'} ${Sheet ? 'with-sheet' : ''}`} ref=${desk} onClickCapture=${problem && clear}
      onfocusout=${left} onScrollCapture=${scrolled}>
      <${Header} later=${sheets} commands=${commands} items=${menuItems({ act, show, onLanguage, messages: work?.messages })} />
      <${TabList} name=${t('tabs')} kind="nav" chosen=${shown} choose=${choose} tabs=${[
        { id: 'call', text: html`<span class="narrow">${t('tabs.call')}</span><span class="broad">${t('ticket.title')}</span>` },
        { id: 'tickets', text: t('tabs.tickets') }, { id: 'day', text: t('tabs.day') }]} />
      <main class="scroll">
        <div class="call-part">
          <${View} key=${`${agent.state} ${agent.call?.call_id}`} />
          <${Hints} agent=${agent} />
        </div>
        <${Side} id=${shown} />
      </main>
      ${Sheet && html`<${Sheet} key=${name} ...${properties} onClose=${close} />`}
      <div class="overlay"><div class="overlay-inner" ref=${over}>
        ${asked && sheets && canDialUp(agent) && html`<${sheets.asks} ...${asked} />`}
        ${connection === 'reconnecting' ? html`<${Away} call=${agent.call} />` : html`<${Notices} later=${sheets} problem=${problem} what=${what} />`}</div></div>
      <${Dock} later=${sheets} commands=${commands} sheet=${name} show=${show} />
    </div>`;
}

function Side({ id }) {
  const { state } = usePanel();
  return html`<div class="side-part" role="tabpanel" id=${`panel-${id}`} aria-labelledby=${`tab-${id}`}>
    ${id !== 'call' ? sheets && html`<${sheets[id]} />` : hasFront(state) ? html`<${Ticket} later=${sheets} />` : html`<p class="hint broad">${t('ticket.none')}</p>`}
  </div>`;
}
