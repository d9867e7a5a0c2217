/**
 * The recording of the conversation: a sign in the header on every tab, which is its Pause and Resume too; what the menu
 * More has of it; and the notice that a pause is about to end. Nothing is shown where nothing is recorded.
 */
import { html, useEffect } from '../vendor/preact-htm.js';
import { Button } from './controls.js';
import { useCommands, usePanel } from './hooks.js';
import { Icon } from './icons.js';
import { Since, Until } from './timer.js';
import { t } from '../i18n/index.js';

/** The colour of each state; the word beside it says the same. Where a state is not here nothing is recorded. */
const TONES = { beginning: 'waits', recording: 'runs', pausing: 'waits', paused: 'paused', failed: 'failed', still: 'failed' };

/** The bridge tells 20 s before a pause ends. One that ends later was made longer. */
const SOON_MS = 22_000;

/** The style of what is here. It is there before any call. */
export const Styles = () => html`<link rel="stylesheet" href=${new URL('../style/recording.css', import.meta.url).href} />`;

const recordingOf = (agent) => agent.call?.recording;
const stateOf = (found) => (found?.not_paused ? 'still' : found?.state);

/** A refusal is shown by whose commands they are. */
export function RecordingSign({ act, busy }) {
  const { agent } = usePanel().state;
  const found = recordingOf(agent);
  const state = stateOf(found);
  const word = TONES[state] ? t(`recording.${state}`) : '';
  return html`<span class="sr-only" role="status">${word}</span>
    ${word && html`<${Sign} ...${{ agent, found, state, word, act, busy }} />`}`;
}

function Sign({ agent, found, state, word, act, busy }) {
  const may = (action) => agent.allowed_actions.includes(`recording/${action}`);
  const verb = found.paused_by && may('resume') ? 'resume' : may('pause') && state !== 'pausing' ? 'pause' : '';
  const why = found.reasons.length && state === 'paused' ? t(`recording.why.${found.reasons[0]}`) : undefined;
  const shown = html`<span class="rec-pill">
    ${state === 'paused' ? html`<${Icon} name="hold" />` : html`<span class="rec-dot" aria-hidden="true"></span>`}${word}
    ${state === 'paused' && found.paused_since && html` <${Since} at=${found.paused_since} label=${t('recording.paused_since')} />`}
    ${verb && html`<span class="rec-does"><${Icon} name=${verb === 'pause' ? 'hold' : verb} /></span>`}</span>`;
  const kind = `rec rec-${TONES[state]}`;
  if (!verb) return html`<span class=${kind} title=${why}>${shown}</span>`;
  return html`<${Button} kind=${kind} keys="Alt+P" name=${t(`recording.${verb}`, { state: word })} title=${why} busy=${busy('record')}
    data-means=${agent.call.call_id} onClick=${() => act('record', verb)}>${shown}<//>`;
}

/** What the menu More has of it: where it is on demand, the agent begins and ends it. */
export function recordingItems(agent, act) {
  const item = (action) => agent.allowed_actions.includes(`recording/${action}`)
    && { text: t(`recording.${action}`), on: () => act('record', action) };
  return [item('start'), item('stop')];
}

/** The pause is about to end. To pause once more makes it last as long again. */
export function PauseEnds({ done }) {
  const { agent, clockOffsetMs } = usePanel().state;
  const { act, busy } = useCommands();
  const ends = recordingOf(agent)?.pause_ends_at;
  const soon = ends && Date.parse(ends) - Date.now() - clockOffsetMs < SOON_MS;
  useEffect(() => { if (!soon) done(); }, [soon]);
  return soon && html`<p><span class="clamped">${t('recording.goes_on')} <${Until} at=${ends} label=${t('recording.goes_on')} /></span></p>
    <${Button} kind="small rec-longer" busy=${busy('record')} onClick=${() => act('record', 'pause')}>${t('recording.longer')}<//>`;
}
