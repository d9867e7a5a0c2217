/**
 * Two charts of a report, by interval: stacked columns, and a line. Each is a picture with a sentence; the table has the
 * figures. The library comes when the first chart is drawn.
 */
import { html, useEffect, useRef, useState } from '../vendor/preact-htm.js';
import { t } from '../i18n/index.js';
import { count, intervalName, rate, seconds } from './format.js';
import { REPORTS } from './shown.js';
import { labelOf } from './words.js';

const HEIGHT = 200;
/** Seconds between the lines of a chart of times. */
const SPANS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600].concat([2, 3, 6, 12, 24, 48, 96, 240, 480].map((hours) => hours * 3600));

export function Charts({ answer, part, goal }) {
  const shown = REPORTS[answer.name];
  const rows = part.intervals;
  const several = new Set(rows.map((row) => row.from.slice(0, 10))).size > 1;
  const names = rows.map((row) => intervalName(row, answer.interval, several));
  const by = { by: t(`rep.by.${answer.interval}`) };
  if (!shown.parts || !rows.length) return null;
  const stacks = shown.parts.map(([tone, text, sum]) => ({ tone, text: t(text), values: rows.map(sum) }));
  const line = lineOf(shown, answer, rows, goal);
  // One point is no line.
  const two = Boolean(line && rows.length > 1);
  return html`<div class=${`charts ${two ? '' : 'alone'}`}>
    <section class="card">
      <div class="chart-head"><h2>${t(shown.stacked, by)}</h2>
        <p class="legend">${stacks.map(({ tone, text }) => html`<span key=${tone}><i class=${tone}></i>${text}</span>`)}</p></div>
      <${Chart} name=${t('rep.chart.stacked', { what: t(shown.stacked, by) })} names=${names}
        draw=${(U, colours) => stacked(U, colours, stacks, shown.unit)} />
    </section>
    ${two && html`<section class="card">
      <div class="chart-head"><h2>${t('rep.line_by', { what: line.text, ...by })}</h2>
        ${line.goal !== undefined && html`<p class="legend"><span><i class="goal"></i>${t('rep.goal', { goal: `${line.goal} %` })}</span></p>`}</div>
      <${Chart} name=${sentence(line, names, by)} names=${names} draw=${(U, colours) => lined(U, colours, line)} />
    </section>`}
  </div>`;
}

function lineOf({ line }, answer, rows, goal) {
  if (!line) return null;
  const kind = line.kind ?? answer.columns.find(({ name }) => name === line.column)?.kind;
  const values = rows.map(line.value ?? ((row) => row[line.column]));
  if (values.every((value) => value === null)) return null;
  return { ...line, goal: line.aims ? goal : undefined, kind, values, text: line.text ? t(line.text) : labelOf(line.column), said: kind === 'rate' ? rate : seconds };
}

/** The worst point: the lowest of a rate, the longest of times. */
function sentence(line, names, by) {
  const known = line.values.map((value, at) => [value, at]).filter(([value]) => value !== null);
  const [value, at] = known.reduce((worst, one) => ((line.kind === 'rate') === (one[0] < worst[0]) ? one : worst));
  return t(line.kind === 'rate' ? 'rep.chart.lowest' : 'rep.chart.longest',
    { what: line.text, at: names[at], value: line.said(value), ...by });
}

/** `draw(uPlot, colours)` gives the library's data and options, how values are said, and the top where it is fixed. It is drawn anew when size or colours change. */
function Chart({ name, names, draw }) {
  const place = useRef(null);
  const [library, setLibrary] = useState(null);
  const [width, setWidth] = useState(0);
  const [dark, setDark] = useState(() => matchMedia('(prefers-color-scheme: dark)').matches);
  useEffect(() => {
    import('../vendor/uplot.js').then((found) => setLibrary(() => found.default), () => {});
    const size = new ResizeObserver(([entry]) => setWidth(Math.floor(entry.contentRect.width)));
    size.observe(place.current);
    const scheme = matchMedia('(prefers-color-scheme: dark)');
    const changed = () => setDark(scheme.matches);
    scheme.addEventListener('change', changed);
    return () => { size.disconnect(); scheme.removeEventListener('change', changed); };
  }, []);
  useEffect(() => {
    if (!library || !width) return undefined;
    const colours = coloursOf(place.current);
    const { data, said, top, ...options } = draw(library, colours);
    const plot = new library({ ...base(names, colours, width, said, top), ...options }, data, place.current);
    place.current.dataset.drawn = 'true';
    return () => plot.destroy();
  }, [library, width, dark, names.join(), draw]);
  return html`<div class="chart" role="img" aria-label=${name} ref=${place} style=${{ height: `${HEIGHT}px` }}></div>`;
}

function coloursOf(node) {
  const style = getComputedStyle(node);
  return (tone) => style.getPropertyValue(`--${tone}`).trim();
}

function base(names, colours, width, said, fixed) {
  const text = { stroke: colours('quiet'), font: '11px system-ui, sans-serif' };
  const most = Math.max(2, Math.floor(width / 56));
  const step = Math.ceil(names.length / most);
  return {
    width, height: HEIGHT, legend: { show: false }, cursor: { show: false }, select: { show: false },
    padding: [16, 12, 0, 0],
    scales: { x: { time: false, range: [-0.6, names.length - 0.4] }, y: { range: (_, least, top) => [0, fixed ?? ((top || 1) * 1.1)] } },
    axes: [
      { ...text, grid: { show: false }, ticks: { show: false }, size: 26,
        splits: () => names.map((_, at) => at).filter((at) => at % step === 0), values: (_, at) => at.map((one) => names[one]) },
      { ...text, size: 52, ticks: { show: false }, grid: { stroke: colours('line'), width: 1 },
        values: (_, at) => at.map((one) => said(one)), ...(said === seconds ? { incs: SPANS } : {}) },
    ],
  };
}

/** The columns behind are as high as all below them together. */
function stacked(U, colours, stacks, unit) {
  const sums = stacks[0].values.map(() => 0);
  const layers = stacks.map(({ tone, values }) => ({ tone, tops: values.map((value, at) => (sums[at] += value)) })).reverse();
  const bars = U.paths.bars({ size: [0.72, 56], align: 0 });
  const data = [sums.map((_, at) => at), ...layers.map(({ tops }) => tops)];
  const series = [{}, ...layers.map(({ tone }) => ({
    fill: colours(tone), stroke: colours('surface'), width: 1, paths: bars, points: { show: false },
  }))];
  return { data, series, said: unit === 'seconds' ? seconds : count };
}

/** Points below the goal are amber and have their number, where there is room. */
function lined(U, colours, line) {
  const data = [line.values.map((_, at) => at), line.values];
  const below = (value) => value !== null && line.goal !== undefined && value < line.goal;
  const drawn = (plot) => {
    const { ctx } = plot;
    const ratio = devicePixelRatio;
    // Where points are close together only the lowest one has room for its number.
    const close = plot.bbox.width / ratio / line.values.length < 26;
    const lowest = line.values.reduce((least, value, at) => (value !== null && !(value >= line.values[least]) ? at : least), -1);
    ctx.save();
    if (line.goal !== undefined) {
      const y = plot.valToPos(line.goal, 'y', true);
      ctx.strokeStyle = colours('green');
      ctx.setLineDash([5 * ratio, 4 * ratio]);
      ctx.lineWidth = ratio;
      ctx.beginPath();
      ctx.moveTo(plot.bbox.left, y);
      ctx.lineTo(plot.bbox.left + plot.bbox.width, y);
      ctx.stroke();
      ctx.setLineDash([]);
    }
    line.values.forEach((value, at) => {
      if (value === null) return;
      const [x, y] = [plot.valToPos(at, 'x', true), plot.valToPos(value, 'y', true)];
      ctx.fillStyle = colours(below(value) ? 'amber' : 'accent');
      ctx.beginPath();
      ctx.arc(x, y, 4 * ratio, 0, 2 * Math.PI);
      ctx.fill();
      if (!below(value) || (close && at !== lowest)) return;
      ctx.font = `700 ${11 * ratio}px system-ui, sans-serif`;
      ctx.textAlign = 'center';
      ctx.fillText(String(Math.round(value)), x, y + 16 * ratio);
    });
    ctx.restore();
  };
  const series = [{}, { stroke: colours('accent'), width: 2, points: { show: false } }];
  const percent = line.kind === 'rate';
  return { data, series, hooks: { draw: [drawn] }, top: percent ? 100 : undefined, said: percent ? count : seconds };
}
