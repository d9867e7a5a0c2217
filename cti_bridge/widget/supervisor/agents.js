/** The agents who are logged in: sorted by name, for places are learnt. Only rows that have changed are drawn again. */
import { Component, html, useState } from '../vendor/preact-htm.js';
import { GROUPS, byName, canBeHeard, filtered, groupOf, lateOf, mayBeSet, stateOf, statusName, teamsOf } from './house.js';
import { Menu } from './menu.js';
import { secondsSince } from '../watching/tick.js';
import { Icon } from '../watching/icons.js';
import { Button } from '../views/controls.js';
import { Since, spent } from '../views/timer.js';
import { News, useSteady } from '../views/steady.js';
import { phoneNumber } from '../views/words.js';
import { currentLanguage, t } from '../i18n/index.js';

const idOf = ({ cti_id: id }) => id;

export function Agents({ agents, now, may, monitored, ask, act }) {
  const [chosen, choose] = useState({ team: '', group: 'all', text: '' });
  const ofTeam = filtered(agents, { ...chosen, group: 'all' });
  const { rows, news, take, within } = useSteady(byName(filtered(agents, chosen)), idOf);
  const count = (group) => (group === 'all' ? ofTeam.length : ofTeam.filter((one) => groupOf(one) === group).length);
  const teams = teamsOf(agents);
  return html`<section class="card tabled agents" aria-labelledby="agents-title">
    <header class="head"><h2 id="agents-title" class="grow">${t('live.agents')}</h2>
      ${agents.length >= 5 && html`<div class="filters" role="group" aria-label=${t('filter.states')}>${GROUPS.map((group) => html`<${Button} key=${group} local
          kind=${`pill ${chosen.group === group ? 'on' : ''} ${group === 'all' ? '' : 'broad'}`} aria-pressed=${String(chosen.group === group)}
          onClick=${() => choose({ ...chosen, group })}>${t(`filter.${group}`, { count: count(group) })}<//>`)}</div>
        ${teams.length > 1 && html`<select class="input pill" aria-label=${t('filter.team')} onChange=${({ target }) => choose({ ...chosen, team: target.value })}>
          <option value="" selected=${!chosen.team}>${t('filter.team.all')}</option>
          ${teams.map((team) => html`<option value=${team} selected=${team === chosen.team}>${team}</option>`)}</select>`}
        <input class="input search" type="search" aria-label=${t('filter.search')} placeholder=${t('filter.search')} value=${chosen.text}
          onInput=${({ target }) => choose({ ...chosen, text: target.value })} />`}
    </header>
    <div class="rows" ...${within}><${News} count=${news} take=${take} />
    ${agents.length === 0 ? html`<${Nothing} title=${t('live.none.agents')} text=${t('live.none.agents.text')} />`
      : rows.length === 0 ? html`<${Nothing} title=${t('live.none.found')} />`
      : html`<table><thead><tr><th scope="col" aria-sort="ascending">${t('agent.name')}</th><th scope="col">${t('agent.state')}</th>
        <th scope="col">${t('agent.call')}</th><th scope="col" class="n">${t('agent.length')}</th><th scope="col" class="n">${t('agent.today')}</th>
        <th scope="col"><span class="sr-only">${t('agent.acts')}</span></th></tr></thead>
      <tbody>${rows.map((agent) => html`<${Row} key=${agent.cti_id} agent=${agent} lang=${currentLanguage()} may=${may} ask=${ask} act=${act}
        late=${lateOf(agent, secondsSince(agent.since, now))} monitored=${monitored?.cti_id === agent.cti_id ? monitored.confirmed ?? 'on' : ''} />`)}</tbody></table>`}
    </div>
  </section>`;
}

export const Nothing = ({ title, text }) => html`<div class="nothing" role="status"><p><strong>${title}</strong></p>${text && html`<p class="hint">${text}</p>`}</div>`;

const SHOWN = ['agent', 'late', 'monitored', 'lang', 'may'];

class Row extends Component {
  shouldComponentUpdate(next) {
    return SHOWN.some((name) => this.props[name] !== next[name]);
  }

  render({ agent, late, monitored, may, ask, act }) {
    const { words, tone } = stateOf(agent);
    const { call, today } = agent;
    const hears = may.monitor && canBeHeard(agent) && !agent.over;
    return html`<tr class=${`${monitored ? 'chosen' : ''} ${agent.over ? 'over-now' : ''}`}>
      <th scope="row"><b>${agent.name}</b><small>${agent.team}${agent.phone === 'unreachable' && ` · ${t('agent.no_phone')}`}</small></th>
      <td><span class=${`st tone-${tone} ${late}`}>${!late && html`<span class="dot"></span>`}${words} <${Since} at=${agent.since} label=${words} /></span>
        ${agent.next_status && html`<small>${t('agent.next', { status: statusName(agent.next_status.status, agent.next_status.reason) })}</small>`}</td>
      <td class="opt">${call && html`<${Call} call=${call} helps=${agent.help_since} />`}</td>
      <td class="n opt">${call?.answered_at ? html`<${Since} at=${call.answered_at} label=${t('agent.length')} />` : call ? '–' : ''}</td>
      <td class="n opt">${today.calls}<small>${today.calls ? spent(today.talk_s / today.calls) : '–'}</small></td>
      <td class="acts">${hears && html`<${Button} kind=${`small ${monitored ? 'listening' : ''}`} means=${call.call_id} name=${`${t(monitored ? 'act.listening' : 'act.listen')}: ${agent.name}`}
          why=${monitored || may.busy ? t('act.listening') : undefined} onClick=${() => act('listen', call.call_id)}><${Icon} name="ear" />${t(monitored ? 'act.listening' : 'act.listen')}<//>`}
        <${Menu} name=${t('agent.more', { name: agent.name })} items=${() => itemsOf(agent, { hears: hears && !monitored && !may.busy, unmask: may.unmask }, ask, act)} /></td>
    </tr>`;
  }
}

function Call({ call, helps }) {
  const words = [call.queue, t(`agent.${{ inbound: 'in', outbound: 'out' }[call.direction] ?? call.direction}`),
    call.partner && t('agent.with', { name: call.partner }), helps && t('agent.help')].filter(Boolean);
  return html`${call.recording === 'recording' && html`<span class="recording" role="img" aria-label=${t('agent.recording')} title=${t('agent.recording')}>●</span> `}
    <span class="num">${call.direction === 'internal' ? call.partner : phoneNumber(call.customer_number)}</span><small>${words.join(' · ')}</small>`;
}

function itemsOf(agent, { hears, unmask }, ask, act) {
  const { call, name, team, cti_id: id } = agent;
  const ends = call && !call.emergency;
  return [
    hears && { text: t('act.whisper'), on: () => act('whisper', call.call_id) },
    hears && { text: t('act.barge'), on: () => ask({ kind: 'barge', name, callId: call.call_id }) },
    unmask && call?.customer_number && { text: t('act.number'), on: () => ask({ kind: 'number', name: phoneNumber(call.customer_number), callId: call.call_id }) },
    ends && { text: t('act.end'), on: () => ask({ kind: 'end', name, callId: call.call_id }) },
    ...mayBeSet(agent).map((status) => ({ text: t('act.status', { status: statusName(status) }), on: () => act('setStatus', id, status) })),
    { text: t('act.logout'), on: () => ask({ kind: 'logout', name, id }) },
    team && { text: t('act.message', { team }), on: () => ask({ kind: 'message', team }) },
    { text: t('act.why_no_calls'), on: () => ask({ kind: 'why', name, id }) },
  ].filter(Boolean);
}
