// A report for a person at a terminal: the verdict at a glance, then the evidence, then the numbers, then the cost.
// A healthy path takes about six lines. Figures are in numbers-text; here is the order and the words around them.
import type { Duplex, Via } from '../model/path.js';
import { HALF_SIDE_WORDS, nameCondition } from '../model/condition-name.js';
import { orderForReading } from '../model/report.js';
import type { Finding, Report, Verdict } from '../model/report.js';
import type { StampSources } from '../model/trace.js';
import {
  describeProbability,
  formatFigure,
  formatMilliseconds,
  formatPercent,
  RATE,
  VOLUME,
} from '../model/figures.js';
import type { Ink, Tone } from './ink.js';
import { joinAtEdges, wrapText } from './layout.js';
import { describeNeighbour } from './neighbour-text.js';
import { renderNumbers } from './numbers-text.js';
import { renderPattern } from './pattern-text.js';

export interface ReportView {
  readonly columns: number;
  readonly ink: Ink;
  /** Fallbacks and assumptions of the path, one sentence each; those the report already tells are not repeated. */
  readonly notes: readonly string[];
}

export const VERDICT_TONE: Readonly<Record<Verdict, Tone>> = {
  ok: 'good',
  warning: 'warning',
  critical: 'bad',
  unknown: 'unsure',
};

const VIA_WORDS: Readonly<Record<Via, string>> = {
  tps: 'an appareNet reflector',
  stamp: 'a STAMP reflector',
  icmp: 'ICMP echo',
  udp: 'UDP to a closed port',
  tcp: 'TCP SYN',
  loop: 'a loop to the other port',
  capture: 'a recorded capture',
  simulated: 'simulation',
};

/** The whole report, ending in a line break. */
export function renderReport(report: Report, view: ReportView): string {
  const blocks = orderForReading(report.findings).map((finding, i) =>
    renderFinding(finding, { isFirst: i === 0, isPlaced: isLeading(finding, report) && i === 0 }, view),
  );
  const others = renderAlternatives(report, view);
  const numbers = renderNumbers(report.estimates, view);
  const gap = blocks.length > 0 ? [''] : [];
  const lines = [
    ...renderPortLine(report, view),
    ...gap,
    ...renderVerdict(report, view),
    ...blocks.flatMap((block) => ['', ...block]),
    ...others,
    ...(numbers.length > 0 ? gap : []),
    ...numbers,
    ...gap,
    ...renderNotes(report, view),
    view.ink('quiet', renderCost(report)),
  ];
  return `${lines.join('\n')}\n`;
}

export function renderPortLine(report: Report, view: ReportView): string[] {
  const { port, target } = report;
  const link = `${port.name}${describeLink(port.speedBitsPerSec, port.duplex)}`;
  const named = target.name === undefined || target.name === target.address ? '' : `${target.name} `;
  const directions = port.stamps.far === null ? 'round trips only' : 'both directions';
  const how = `${named}${target.address} by ${VIA_WORDS[target.via]}, ${directions}`;
  const stamps = target.via === 'capture' ? 'recorded stamps' : describeStamps(port.stamps);
  const lines = [[link, stamps, how].join(' · ')];
  if (port.neighbour !== undefined) lines.push(`${port.name} hangs on ${describeNeighbour(port.neighbour)}`);
  return lines.flatMap((line) => wrapText(line, '', view.columns)).map((part) => view.ink('quiet', part));
}

function describeLink(speedBitsPerSec: number | null, duplex: Duplex): string {
  const speed = speedBitsPerSec === null ? '' : ` ${formatFigure(speedBitsPerSec, RATE)}`;
  return duplex === 'unknown' ? speed : `${speed} ${duplex}`;
}

/** One source for all is said once; different ones are said apart. */
export function describeStamps({ tx, rx, far }: StampSources): string {
  if (tx === rx && far === tx) return `${tx} stamps at both ends`;
  const here = tx === rx ? `${tx} stamps` : `${tx} stamps out, ${rx} stamps in`;
  return far === null ? here : `${here}, ${far} stamps at the far end`;
}

function renderVerdict(report: Report, view: ReportView): string[] {
  const word = report.verdict.toUpperCase();
  const [first] = orderForReading(report.findings);
  const lines = wrapText(report.summary, `${word}  `, view.columns);
  const where = first !== undefined && isLeading(first, report) ? describePlace(first) : '';
  const [only = ''] = lines;
  const placed =
    lines.length === 1 ? joinAtEdges(only, where, view.columns) : [...lines, ...(where ? [`  ${where}`] : [])];
  return placed.map((line) => line.replace(word, view.ink(VERDICT_TONE[report.verdict], word)));
}

const PLACE_WORDS: Readonly<Record<Finding['where']['kind'], string>> = {
  probe: 'here, at the probe',
  'first-hop': 'at the first hop',
  hop: 'hop',
  path: '',
  target: 'at the target',
};

/** Empty where nothing more is known than that it is somewhere on the path. */
function describePlace({ where }: Finding): string {
  const hop = where.hop === undefined ? PLACE_WORDS[where.kind] : `hop ${where.hop}`;
  return [hop, where.address ?? ''].filter((part) => part !== '').join(' · ');
}

/** What the verdict is about; its place stands in the verdict's line. */
function isLeading(finding: Finding, report: Report): boolean {
  return finding.severity === report.verdict;
}

interface FindingPlace {
  readonly isFirst: boolean;
  /** The verdict's line has told where. */
  readonly isPlaced: boolean;
}

export function renderFinding(finding: Finding, { isFirst, isPlaced }: FindingPlace, view: ReportView): string[] {
  const where = isPlaced ? '' : describePlace(finding);
  const place = where === '' ? '' : `, ${where}`;
  const direction = finding.direction === 'unknown' ? '' : `, ${DIRECTION_WORDS[finding.direction]}`;
  const side = finding.halfSide === undefined ? '' : `, ${HALF_SIDE_WORDS[finding.halfSide]}`;
  const what = `${nameCondition(finding.condition)}: ${describeProbability(finding.probability)}${direction}${side}${place}`;
  return [
    ...renderEntry(isFirst ? 'what' : 'also', [what], view),
    ...renderEntry(
      'why',
      finding.evidence.map((item) => item.text),
      view,
    ),
    ...renderPicture(finding, view),
    ...renderEntry('do', finding.advice === '' ? [] : [finding.advice], view),
    ...renderEntry('sure', finding.confirm === undefined ? [] : [finding.confirm], view),
  ];
}

/** Below the evidence, at its indent. */
function renderPicture({ pattern }: Finding, view: ReportView): string[] {
  if (pattern === undefined) return [];
  const indent = ' '.repeat(PICTURE_INDENT);
  return renderPattern(pattern, view.columns - PICTURE_INDENT).map((line) =>
    line === '' ? '' : view.ink('quiet', indent + line),
  );
}

const PICTURE_INDENT = 8;

const DIRECTION_WORDS = {
  forward: 'towards the target',
  reverse: 'from the target',
  both: 'both directions',
} as const;

/** A labelled entry with hanging lines; nothing at all where there is nothing to say. */
function renderEntry(label: string, texts: readonly string[], view: ReportView): string[] {
  return texts.flatMap((text, i) => {
    const lead = `  ${(i === 0 ? label : '').padEnd(6)}`;
    return wrapText(text, lead, view.columns).map((line, j) =>
      i === 0 && j === 0 ? line.replace(label, view.ink('strong', label)) : line,
    );
  });
}

function renderAlternatives(report: Report, view: ReportView): string[] {
  if (report.alternatives.length === 0) return [];
  const others = report.alternatives.map(
    (other) => `${nameCondition(other.condition)} ${formatPercent(other.probability)}`,
  );
  return renderEntry('else', [others.join(' · ')], view);
}

/** What kept the figures from being better, and what the path could not do; each said once. */
export function renderNotes(report: Report, view: ReportView): string[] {
  const notes = [...new Set([...report.limits, ...view.notes])].filter((note) => note !== report.summary);
  return notes.flatMap((note) => wrapText(note, 'note  ', view.columns).map((line) => view.ink('quiet', line)));
}

export function renderCost(report: Report): string {
  const { packets, bytes } = report.cost;
  const spent = `${packets} packets, ${formatFigure(bytes, VOLUME)} in ${formatMilliseconds(report.durationMs)}`;
  return `cost ${spent} · report ${report.id}`;
}
