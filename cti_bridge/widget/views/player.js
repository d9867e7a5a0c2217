/**
 * The recordings of a ticket, oldest first: heard, copied, put under legal hold and erased, each by who may. Nothing is
 * fetched before somebody wants to hear it, for each play is written down.
 */
import { html, useEffect, useRef, useState } from '../vendor/preact-htm.js';
import { Button, Refused } from './controls.js';
import { useAnswer, useCommands, usePanel } from './hooks.js';
import { PLAYER } from './player-texts.js';
import { TimeLine, partName } from './time-line.js';
import { spent } from './timer.js';
import { when } from './words.js';
import { addTexts, t } from '../i18n/index.js';

addTexts(PLAYER);

const STYLE = new URL('../style/player.css', import.meta.url).href;

export function RecordingList({ ticket }) {
  const { store } = usePanel();
  const [list, problem, again] = useAnswer(() => store.commands.recordings(ticket.ticket_id), ticket.ticket_id);
  const nameOf = (who) => ({ customer: t('player.customer'), outside: t('player.outside') }[who] ?? ticket.names?.[who] ?? who);
  return html`<link rel="stylesheet" href=${STYLE} />
    <${Refused} problem=${problem} />
    ${list?.length === 0 && html`<p class="hint" role="status">${t('player.none')}</p>`}
    <ul class="takes">${list?.map((one) => html`<${Take} key=${one.recording_id} recording=${one} nameOf=${nameOf} again=${again} />`)}</ul>`;
}

function Take({ recording, nameOf, again }) {
  const { recording_id, state, started_at, length_s, missing_s, segments, legal_hold, delete_after } = recording;
  const own = useCommands();
  const [from, begin] = useState(null);
  const [at, show] = useState(0);
  const sound = useRef();
  const title = t('player.recording', { at: when(started_at) });
  const go = (second) => {
    const audio = sound.current;
    show(second);
    if (!audio) return begin(second);
    audio.currentTime = second;
    return audio.play().catch(() => {});
  };
  const kept = legal_hold ? t('player.held') : delete_after && t('player.kept_until', { at: when(delete_after) });
  const head = html`<h4>${title}</h4>
    <p class="hint">${[length_s && spent(length_s), kept].filter(Boolean).join(' · ')}</p>`;
  if (state !== 'stored') return html`<li class="take">${head}<p>${t(`player.state.${state}`)}</p></li>`;
  return html`<li class="take" aria-label=${title}>${head}
    ${missing_s && html`<p class="missing">${t('player.missing', { length: spent(missing_s) })}</p>`}
    <${TimeLine} segments=${segments} length=${length_s || 1} nameOf=${nameOf} at=${at} go=${go} />
    <ol class="parts" aria-label=${t('player.parts')}>${segments.map((part) => html`<li key=${part.from_s}>
      <button type="button" tabindex="0" class="line" data-again onClick=${() => go(part.from_s)}>
        <span class="time" title=${t('player.from_till', { from: spent(part.from_s), till: spent(part.till_s) })}>${spent(part.from_s)}</span>${' '}
        <span class=${part.kind === 'talk' ? '' : 'hint'}>${partName(part, nameOf)}</span></button></li>`)}</ol>
    ${from === null ? html`<${Button} icon="resume" kind="small" onClick=${() => go(0)}>${t('player.listen')}<//>`
      : html`<${Sound} id=${recording_id} name=${title} from=${from} sound=${sound} show=${show} />`}
    <${Rights} recording=${recording} again=${again} own=${own} />
    <${Refused} problem=${own.problem} />
  </li>`;
}

function Sound({ id, name, from, sound, show }) {
  const { store } = usePanel();
  const [source, problem] = useAnswer(() => store.commands.audioOf(id), id);
  const [broken, breaks] = useState(false);
  useEffect(() => () => { if (source?.startsWith('blob:')) URL.revokeObjectURL(source); }, [source]);
  if (broken || problem) return html`<p class="hint" role="status">${t('player.unheard')}</p>`;
  return source && html`<audio controls autoplay src=${source} aria-label=${name} ref=${sound} onError=${() => breaks(true)}
    onLoadedMetadata=${({ target }) => { target.currentTime = from; }} onTimeUpdate=${({ target }) => show(target.currentTime)}></audio>`;
}

/** What else one may do with it: a copy, legal hold, and to erase it, which asks first. */
function Rights({ recording, again, own }) {
  const { rights } = usePanel().state.settings;
  const { recording_id: id, legal_hold: held } = recording;
  const { act, busy } = own;
  const [asks, ask] = useState(false);
  const and = async (name, ...given) => { if (await act(name, id, ...given)) again(); };
  if (asks) {
    return html`<div class="part"><p role="alert">${t('player.erase.ask')}</p><div class="actions two">
      <${Button} key="no" onClick=${() => ask(false)}>${t('cancel')}<//>
      <${Button} key="yes" kind="danger" busy=${busy('eraseRecording')} onClick=${() => and('eraseRecording')}>${t('player.erase')}<//></div></div>`;
  }
  return html`<div class="take-rights">
    ${rights.includes('download') && html`<${Button} kind="small" busy=${busy('copyRecording')} onClick=${() => act('copyRecording', id)}>${t('player.download')}<//>`}
    ${rights.includes('erase') && html`<${Button} kind="small" aria-pressed=${String(held)} busy=${busy('holdRecording')}
        onClick=${() => and('holdRecording', !held)}>${t('player.hold')}<//>
      <${Button} kind="small" why=${held ? t('player.held') : undefined} onClick=${() => ask(true)}>${t('player.erase')}<//>`}
  </div>`;
}
