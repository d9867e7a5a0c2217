/** Who asks for help, the oldest first. The row is always there, so nothing moves when somebody asks. */
import { html } from '../vendor/preact-htm.js';
import { canBeHeard } from './house.js';
import { secondsSince } from '../watching/tick.js';
import { Icon } from '../watching/icons.js';
import { Button } from '../views/controls.js';
import { Since } from '../views/timer.js';
import { t } from '../i18n/index.js';

const LATE_S = 60;

export function Help({ agents, now, may, ask, act }) {
  const asking = agents.filter(({ help_since: since }) => since).sort((one, other) => (one.help_since < other.help_since ? -1 : 1));
  return html`<section class="helps" aria-label=${t('agent.help')}>
    <div class="sr-only" role="alert">${asking.map(({ name }) => t('help.new', { name })).join(', ')}</div>
    ${asking.length === 0 ? html`<p class="help none"><${Icon} name="hand" />${t('help.nobody')}</p>`
      : asking.map((agent) => html`<${One} key=${agent.cti_id} agent=${agent} late=${secondsSince(agent.help_since, now) > LATE_S} may=${may} ask=${ask} act=${act} />`)}
  </section>`;
}

function One({ agent, late, may, ask, act }) {
  const { call, name } = agent;
  const hears = may.monitor && canBeHeard(agent);
  const where = call ? t('help.in_call', { queue: call.queue ?? t(`agent.${call.direction === 'outbound' ? 'out' : 'internal'}`) }) : t('help.without');
  return html`<div class=${`help ${late ? 'late' : ''}`}><${Icon} name="hand" />
    <p class="grow"><b>${t('help.asks', { name })}, <${Since} at=${agent.help_since} label=${t('agent.help')} /></b> <span>· ${where}${call?.answered_at && html` · <${Since} at=${call.answered_at} label=${t('agent.length')} />`}</span></p>
    ${hears && html`<${Button} means=${call.call_id} why=${may.busy} name=${`${t('act.listen')}: ${name}`} onClick=${() => act('listen', call.call_id)}><${Icon} name="ear" />${t('act.listen')}<//>
      <${Button} means=${call.call_id} why=${may.busy} name=${`${t('act.whisper')}: ${name}`} onClick=${() => act('whisper', call.call_id)}><${Icon} name="whisper" />${t('act.whisper')}<//>
      <${Button} means=${call.call_id} why=${may.busy} name=${`${t('act.barge')}: ${name}`} onClick=${() => ask({ kind: 'barge', name, callId: call.call_id })}><${Icon} name="people" />${t('act.barge')}<//>`}
    <${Button} kind="quiet icon-only" icon="close" name=${t('help.answered', { name })} title=${t('help.put_away')} onClick=${() => act('helped', agent.cti_id)} />
  </div>`;
}
