/**
 * The time line of a recording: a lane for each who talked. What was paused is hatched, a hold is grey; the words stand in
 * the list of the parts, which goes to them by keyboard too. A press on the line goes to that moment.
 */
import { html, useRef } from '../vendor/preact-htm.js';
import { spent } from './timer.js';
import { t } from '../i18n/index.js';

const LANE = 14;
const GAP = 4;

let lines = 0;

/** Who talked, in the order in which they came: `{id, name, share}`, share in percent of `length`. */
export function lanesOf(segments, length, nameOf) {
  const talks = segments.filter((one) => one.kind === 'talk');
  const ids = [...new Set(talks.flatMap((one) => one.who))];
  const time = (id) => talks.filter((one) => one.who.includes(id)).reduce((sum, one) => sum + one.till_s - one.from_s, 0);
  return ids.map((id) => ({ id, name: nameOf(id), share: Math.round((100 * time(id)) / length) }));
}

/** What a part is, in words. */
export function partName(part, nameOf) {
  if (part.kind === 'talk') return part.who.map(nameOf).join(', ');
  return t(part.kind === 'erased' ? 'player.erased' : `player.cut.${part.reason}`);
}

/** `kind` of a part as it is drawn: pauses are hatched, and so is what was silenced. */
const looks = (part) => (part.kind === 'erased' || part.reason === 'agent' ? 'pause' : 'hold');

/** `at`: the second that is heard now. */
export function TimeLine({ segments, length, nameOf, at, go }) {
  const id = useRef(null);
  id.current ??= `pause-${(lines += 1)}`;
  const lanes = lanesOf(segments, length, nameOf);
  const height = lanes.length * (LANE + GAP) + GAP;
  const place = (part) => ({ x: `${(100 * part.from_s) / length}%`, width: `${(100 * (part.till_s - part.from_s)) / length}%` });
  const pressed = ({ currentTarget, clientX }) => {
    const { left, width } = currentTarget.getBoundingClientRect();
    go(Math.max(0, ((clientX - left) / width) * length));
  };
  const said = lanes.map(({ name, share }) => t('player.lane', { name, share })).join('. ');
  return html`<div class="line-of">
    <ul class="lanes" aria-hidden="true">${lanes.map((one) => html`<li key=${one.id} title=${one.name}>${one.name}</li>`)}</ul>
    <svg class="time-line" height=${height} role="img" aria-label=${t('player.line', { length: spent(length), lanes: said })} onClick=${pressed}>
      <defs><pattern id=${id.current} width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
        <rect class="hatch-ground" width="6" height="6" /><rect class="hatch" width="3" height="6" /></pattern></defs>
      ${segments.map((part) => (part.kind === 'talk'
    ? lanes.map((lane, nth) => part.who.includes(lane.id) && html`<rect class=${`talk ${lane.id === 'customer' ? 'of-customer' : ''}`} ...${place(part)}
          y=${GAP + nth * (LANE + GAP)} height=${LANE} rx="2"><title>${partName(part, nameOf)}</title></rect>`)
    : html`<rect class=${`part-${looks(part)}`} ...${place(part)} y="0" height=${height}
          fill=${looks(part) === 'pause' ? `url(#${id.current})` : null}><title>${partName(part, nameOf)}</title></rect>`))}
      <rect class="now" x=${`${(100 * Math.min(at, length)) / length}%`} y="0" width="2" height=${height} />
    </svg>
  </div>`;
}
