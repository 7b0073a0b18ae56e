// The picture of an evidence pattern as SVG 1.1: legible on a light and a dark ground, told in words to who cannot see it. The page
// sets its elements into itself and brings its own colours; a file carries them.
import type { EvidencePattern, PatternSeries } from './evidence-pattern.js';
import { computeXScale, computeYScale } from './plot-scale.js';
import type { PlotScale } from './plot-scale.js';

const WIDTH = 720;
const HEIGHT = 360;
const LEFT = 72;
const RIGHT = WIDTH - 20;
const TOP = 64;
const BOTTOM = HEIGHT - 56;
const CHARACTER = 7;
/** Share of a bar's room that it fills. */
const BAR_SHARE = 0.8;
const MOST_LABELS = 14;

/** Blue, orange, green, purple of equal weight, which the common kinds of colour blindness keep apart; red for losses. */
const STYLE = `
.plot{--ground:#fff;--ink:#17212b;--faint:#52606d;--line:#d5dce3;--s0:#0b5cad;--s1:#a85a00;--s2:#17693a;--s3:#7a3fa0;--lost:#b3201b}
@media (prefers-color-scheme:dark){.plot{--ground:#11171d;--ink:#e8edf2;--faint:#a3b1bf;--line:#33404d;--s0:#7db8f5;--s1:#f3c06b;--s2:#7ed9a0;--s3:#cfa5ee;--lost:#ff9a92}}
.plot .ground{fill:var(--ground)}.plot text{font:12px system-ui,sans-serif;fill:var(--faint)}.plot .name{font-size:14px;font-weight:600;fill:var(--ink)}
.plot .grid{stroke:var(--line)}.plot .lost{stroke:var(--lost);stroke-width:1.5}
.plot .s0{--own:var(--s0)}.plot .s1{--own:var(--s1)}.plot .s2{--own:var(--s2)}.plot .s3{--own:var(--s3)}
.plot .fill{fill:var(--own)}.plot .stroke{fill:none;stroke:var(--own);stroke-width:2}`;

interface Frame {
  readonly x: PlotScale;
  readonly y: PlotScale;
  /** Where all series are bars: their values in order, drawn side by side at even steps. */
  readonly categories: readonly number[] | null;
}

/** An element of the picture; the page builds its own from it, as its policy lets no markup in. */
export interface SvgNode {
  readonly tag: string;
  readonly attributes: Readonly<Record<string, string | number>>;
  readonly children: readonly (SvgNode | string)[];
}

/** A whole document with its ground and colours. */
export function renderPatternSvg(pattern: EvidencePattern): string {
  const drawn = drawPattern(pattern);
  const ground = node('rect', { class: 'ground', width: WIDTH, height: HEIGHT });
  const attributes = { xmlns: 'http://www.w3.org/2000/svg', ...drawn.attributes, width: WIDTH, height: HEIGHT };
  const [title, description, ...marks] = drawn.children;
  const words = [title, description].filter((child) => child !== undefined);
  return `${serialise({ tag: 'svg', attributes, children: [...words, node('style', {}, STYLE), ground, ...marks] })}\n`;
}

/** The same without ground and colours of its own. */
export function drawPattern(pattern: EvidencePattern): SvgNode {
  const areBars = pattern.series.every(({ mark }) => mark === 'bars');
  const categories = areBars ? [...new Set(pattern.series.flatMap(({ x }) => x))].sort((a, b) => a - b) : null;
  const frame: Frame = { x: computeXScale(pattern), y: computeYScale(pattern), categories };
  return node(
    'svg',
    { class: 'plot', role: 'img', viewBox: `0 0 ${WIDTH} ${HEIGHT}` },
    node('title', {}, pattern.title),
    node('desc', {}, describePattern(pattern, frame)),
    node('text', { class: 'name', x: LEFT, y: 22 }, pattern.title),
    ...drawLegend(pattern.series),
    ...drawAxes(frame),
    ...pattern.series.flatMap((series, i) => drawSeries(series, i, { frame, all: pattern.series })),
  );
}

function node(tag: string, attributes: SvgNode['attributes'], ...children: readonly (SvgNode | string)[]): SvgNode {
  return { tag, attributes, children };
}

function serialise({ tag, attributes, children }: SvgNode): string {
  const words = Object.entries(attributes).map(([name, value]) => ` ${name}="${escapeText(String(value))}"`);
  const inner = children.map((child) => (typeof child === 'string' ? escapeText(child) : serialise(child)));
  return `<${tag}${words.join('')}>${inner.join('')}</${tag}>`;
}

/** `lost: 0 to 100 %, 14 points` for each series. */
function describePattern({ series, x }: EvidencePattern, frame: Frame): string {
  const ranges = series.map(({ name, mark, x: at, y }) => {
    if (mark === 'losses') return `${name}: ${at.length} marks`;
    const low = frame.y.format(y.reduce((a, b) => Math.min(a, b), Infinity));
    const high = frame.y.format(y.reduce((a, b) => Math.max(a, b), -Infinity));
    return `${name}: ${low} to ${high}, ${at.length} points`;
  });
  return `${frame.y.caption} by ${x.label}. ${ranges.join('; ')}.`;
}

function placeX({ x, categories }: Frame, value: number): number {
  const share =
    categories === null ? (value - x.low) / (x.high - x.low) : (categories.indexOf(value) + 0.5) / categories.length;
  return round(LEFT + (RIGHT - LEFT) * share);
}

function placeY({ y }: Frame, value: number): number {
  return round(BOTTOM - ((BOTTOM - TOP) * (value - y.low)) / (y.high - y.low));
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function drawLegend(series: readonly PatternSeries[]): SvgNode[] {
  let x = LEFT;
  return series.flatMap(({ name, mark }, i) => {
    const at = x;
    x += 16 + name.length * CHARACTER + 18;
    const box = { class: `s${i % 4} fill`, x: at, y: 35, width: 10, height: 10 };
    const sign = mark === 'losses' ? drawCross(at + 5, 40) : node('rect', box);
    return [sign, node('text', { x: at + 16, y: 45 }, name)];
  });
}

function drawAxes(frame: Frame): SvgNode[] {
  const { x, y, categories } = frame;
  const rows = y.ticks.flatMap((tick) => {
    const at = placeY(frame, tick);
    const label = { x: LEFT - 8, y: at + 4, 'text-anchor': 'end' };
    return [node('path', { class: 'grid', d: `M${LEFT} ${at}H${RIGHT}` }), node('text', label, y.format(tick))];
  });
  const step = Math.ceil((categories?.length ?? 0) / MOST_LABELS);
  const labels = categories === null ? x.ticks : categories.filter((_, i) => i % step === 0);
  const columns = labels.map((value) =>
    node('text', { x: placeX(frame, value), y: BOTTOM + 18, 'text-anchor': 'middle' }, x.format(value)),
  );
  const [middleX, middleY] = [(LEFT + RIGHT) / 2, (TOP + BOTTOM) / 2];
  const turned = { x: 16, y: middleY, 'text-anchor': 'middle', transform: `rotate(-90 16 ${middleY})` };
  return [
    ...rows,
    ...columns,
    node('path', { class: 'grid', d: `M${LEFT} ${TOP}V${BOTTOM}H${RIGHT}`, fill: 'none' }),
    node('text', { x: middleX, y: HEIGHT - 14, 'text-anchor': 'middle' }, x.caption),
    node('text', turned, y.caption),
  ];
}

interface Surroundings {
  readonly frame: Frame;
  readonly all: readonly PatternSeries[];
}

function drawSeries(series: PatternSeries, index: number, { frame, all }: Surroundings): SvgNode[] {
  const points = series.x.map((value, i) => [placeX(frame, value), placeY(frame, series.y[i] ?? 0)] as const);
  const own = `s${index % 4}`;
  switch (series.mark) {
    case 'losses':
      return points.map(([x]) => drawCross(x, BOTTOM - 6));
    case 'dots':
      return points.map(([cx, cy]) => node('circle', { class: `${own} fill`, cx, cy, r: 2 }));
    case 'line':
      return [node('polyline', { class: `${own} stroke`, points: points.map((point) => point.join(',')).join(' ') })];
    case 'bars': {
      const bars = all.filter(({ mark }) => mark === 'bars');
      const count = frame.categories?.length ?? series.x.length;
      const width = round((BAR_SHARE * (RIGHT - LEFT)) / count / bars.length);
      const shift = width * (bars.indexOf(series) - bars.length / 2);
      const draw = (x: number, y: number): SvgNode =>
        node('rect', { class: `${own} fill`, x: round(x + shift), y, width, height: round(BOTTOM - y) });
      return points.map(([x, y]) => draw(x, y));
    }
  }
}

function drawCross(x: number, y: number): SvgNode {
  return node('path', { class: 'lost', d: `M${round(x - 4)} ${y - 4}l8 8m0 -8l-8 8` });
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeText(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? '');
}
