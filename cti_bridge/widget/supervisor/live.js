/** The live page: who asks for help, the agents, the queues, who waits, and the monitoring bar. */
import { html, useMemo, useRef, useState } from '../vendor/preact-htm.js';
import { Agents } from './agents.js';
import { Alerts } from './alerts.js';
import { Queues, Waiting } from './aside.js';
import { Ask, Message, WholeNumber, Why, useSaid } from './asks.js';
import { Bar } from './bar.js';
import { Help } from './help.js';
import { Monitoring } from './monitor.js';
import { useNow } from '../watching/tick.js';
import { IconButton, Refused } from '../views/controls.js';
import { useGuard } from '../views/guard.js';
import { useCommands, usePanel } from '../views/hooks.js';
import { spent } from '../views/timer.js';
import { t, tOr } from '../i18n/index.js';

const STALE_MS = 5_000;
const TABS = ['agents', 'waiting', 'queues'];

/** The service that is looked at is in the address. */
const serviceInAddress = () => new URLSearchParams(location.search).get('service') ?? '';

export function LivePage({ onLanguage }) {
  const { store, state } = usePanel();
  const { sections, settings, agent, connection, heardMs } = state;
  const root = useRef();
  useGuard(root);
  const now = useNow();
  const commands = useCommands();
  const { act, problem, what, clear, busy } = commands;
  const [asked, ask] = useState(null);
  const [tab, show] = useState('agents');
  const [service, choose] = useState(serviceInAddress);
  const [words, say] = useSaid();
  const { monitor } = agent;
  const mayMonitor = settings.rights?.includes('monitor') ?? false;
  const mayUnmask = settings.rights?.includes('unmask') ?? false;
  const monitoring = monitor ? t('act.listening') : '';
  const may = useMemo(() => ({ monitor: mayMonitor, unmask: mayUnmask, busy: monitoring }), [mayMonitor, mayUnmask, monitoring]);
  const of = (rows, key = 'service') => (service ? rows.filter((row) => row[key] === service) : rows);
  const queues = of(sections.queues ?? []);
  const agents = sections.agents ?? [];
  const waiting = of(sections.waiting ?? []);
  const stale = Date.now() - heardMs > STALE_MS;
  const onService = (id) => {
    choose(id);
    history.replaceState(null, '', id ? `?service=${encodeURIComponent(id)}` : location.pathname);
  };
  const counts = { agents: agents.length, waiting: waiting.length, queues: queues.length };
  const keyed = (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const next = TABS.at((TABS.indexOf(tab) + step) % TABS.length);
    show(next);
    event.currentTarget.querySelector(`#tab-${next}`).focus();
  };
  return html`<div class=${`live-page tab-${tab} ${stale ? 'stale' : ''}`} ref=${root} onClickCapture=${problem && clear}>
    <${Bar} here="live" services=${settings.services} service=${service} onService=${onService} onLanguage=${onLanguage}>
      <span class=${`chip ${connection === 'open' && !stale ? 'tone-ready' : 'tone-alarm'}`} role="status"><span class="dot"></span>${t(connection === 'open' ? 'watching.live' : 'connection.reconnecting')}</span>
      <span class="s13 q broad">${t('bar.phone', { number: agent.cti_number })} ${t(agent.phone === 'reachable' ? 'bar.phone.ready' : 'bar.phone.away')}</span>
    <//>
    <main class="main scroll">
      <h1 class="sr-only">${t('live.title')}</h1>
      <div class="said">
        ${stale && html`<p class="refused" role="status">${t('live.old', { spent: spent((Date.now() - heardMs) / 1000) })}</p>`}
        ${state.notices.map(({ id, code, text }) => html`<p class="note" role="status" key=${id}>${tOr(`notice.${code}`, text)}
          <${IconButton} icon="close" name=${t('close')} local onClick=${() => store.putAway(id)} /></p>`)}
        ${words && html`<p class="note" role="status">${words}</p>`}
        ${!asked && html`<${Refused} problem=${problem} what=${what} />`}
      </div>
      <${Help} agents=${agents} now=${now} may=${may} ask=${ask} act=${act} />
      <${Alerts} sections=${sections} service=${service} now=${now} />
      <div class="seg3" role="tablist" aria-label=${t('live.title')} onKeyDown=${keyed}>${TABS.map((one) => html`<button type="button" role="tab" key=${one} id=${`tab-${one}`}
        aria-selected=${String(tab === one)} tabindex=${tab === one ? 0 : -1} onClick=${() => show(one)}>${t(`live.${one}`)} ${counts[one]}</button>`)}</div>
      <${Agents} agents=${agents} now=${now} may=${may} monitored=${monitor} ask=${ask} act=${act} />
      <div class="aside"><${Queues} queues=${queues} services=${of(sections.services ?? [], 'id')} now=${now} />
        <${Waiting} waiting=${waiting} queues=${queues} now=${now} may=${may} ask=${ask} act=${act} /></div>
    </main>
    ${monitor && html`<${Monitoring} monitor=${monitor} ask=${ask} act=${act} busy=${busy} />`}
    ${asked && html`<${Asked} asked=${asked} onClose=${() => ask(null)} say=${say} />`}
  </div>`;
}

const QUESTIONS = {
  end: ({ name, callId }) => ({ name: 'end', title: t('ask.end'), text: t('ask.end.text', { name }), verb: t('act.end'), danger: true, run: (act) => act('end', callId) }),
  logout: ({ name, id }) => ({ name: 'logOut', title: t('ask.logout', { name }), text: t('ask.logout.text'), verb: t('act.logout'), danger: true, run: (act) => act('logOut', id) }),
  barge: ({ name, callId }) => ({ ...bargeIn(name), name: 'barge', run: (act) => act('barge', callId) }),
  switch: ({ name, callId }) => ({ ...bargeIn(name), name: 'switchTo', run: (act) => act('switchTo', callId, 'barge') }),
};
const bargeIn = (name) => ({ title: t('ask.barge'), text: t('ask.barge.text', { name }), hint: t('ask.barge.hint', { name }), verb: t('act.barge') });

function Asked({ asked, onClose, say }) {
  const { store } = usePanel();
  const { kind, name } = asked;
  if (kind === 'message') return html`<${Message} team=${asked.team} onClose=${onClose} said=${say} />`;
  if (kind === 'why') return html`<${Why} title=${`${t('act.why_no_calls')}: ${name}`} ask=${(lang) => store.commands.whyNoCalls(asked.id, lang)} onClose=${onClose} />`;
  if (kind === 'why_waits') return html`<${Why} title=${`${t('act.why_waits')}: ${name}`} ask=${(lang) => store.commands.whyWaits(asked.callId, lang)} onClose=${onClose} />`;
  if (kind === 'number') return html`<${WholeNumber} name=${name} ask=${() => store.commands.wholeNumber(asked.callId)} onClose=${onClose} />`;
  return html`<${Ask} ask=${QUESTIONS[kind](asked)} onClose=${onClose} />`;
}
