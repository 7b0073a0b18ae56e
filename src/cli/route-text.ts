// A path hop by hop for a person: the verdict in a sentence, a row for each hop, what is odd about it below.
import type { RouteHop, RouteReport } from '../model/route.js';
import {
  formatEstimate,
  formatFigure,
  formatMilliseconds,
  formatPercent,
  RATE,
  TIME,
  VOLUME,
} from '../model/figures.js';
import type { Ink } from './ink.js';
import { alignRows, wrapText } from './layout.js';
import { describeStamps, VERDICT_TONE } from './report-text.js';

export interface RouteView {
  readonly columns: number;
  readonly ink: Ink;
}

const HEAD = ['hop', 'address', 'loss', 'min', 'median', 'p95', 'mtu', 'link'];
const VIA_WORDS = { icmp: 'ICMP echo', udp: 'UDP', tcp: 'TCP SYN' } as const;

/** The whole report, ending in a line break. */
export function renderRoute(report: RouteReport, view: RouteView): string {
  const word = report.verdict.toUpperCase();
  const sentence = wrapText(report.summary, `${word}  `, view.columns);
  const [first = '', ...more] = sentence;
  const lines = [
    ...wrapText(describePath(report), '', view.columns).map((line) => view.ink('quiet', line)),
    '',
    first.replace(word, () => view.ink(VERDICT_TONE[report.verdict], word)),
    ...more,
    ...(report.hops.length > 0 ? ['', ...renderTable(report, view)] : []),
    '',
    ...report.limits.flatMap((limit) => wrapText(limit, 'note  ', view.columns)),
    view.ink('quiet', describeCost(report)),
  ];
  return `${lines.join('\n')}\n`;
}

function describePath({ target, port, stamps }: RouteReport): string {
  const named = target.name === undefined || target.name === target.address ? '' : `${target.name} `;
  const stamped = stamps === null ? 'not timed' : describeStamps(stamps);
  return [port.name, stamped, `${named}${target.address} by ${VIA_WORDS[target.via]}, hop by hop`].join(' · ');
}

function describeCost({ cost, durationMs }: RouteReport): string {
  return `cost ${cost.packets} packets, ${formatFigure(cost.bytes, VOLUME)} in ${formatMilliseconds(durationMs)}`;
}

/** Each hop's remarks stand below its row, under the address. */
function renderTable({ hops, end }: RouteReport, view: RouteView): string[] {
  const cells = [HEAD, ...hops.map(listCells)];
  const silentTail = end.kind === 'silent' && hops.length > 0 ? [[`${hops.length + 1}…`, '***']] : [];
  const [head = '', ...rows] = alignRows([...cells, ...silentTail]);
  const indent = ' '.repeat(head.indexOf('address'));
  const lines = rows.flatMap((row, i) => {
    const notes = hops[i]?.notes ?? [];
    return [row, ...notes.flatMap(({ text }) => wrapText(text, `${indent}- `, view.columns))];
  });
  return [view.ink('quiet', head), ...lines];
}

function listCells(hop: RouteHop): string[] {
  const [first] = hop.addresses;
  const address = first === undefined ? '***' : describeAddress(first);
  const { delay, loss, mtu, link } = hop;
  const times = delay === null ? ['-', '-', '-'] : [delay.minNs, delay.p50Ns, delay.p95Ns].map(formatTime);
  return [
    String(hop.ttl),
    address,
    loss === null ? '-' : `${formatPercent(loss.value)} of ${loss.samples}`,
    ...times,
    mtu === null ? '-' : describeMtu(mtu.lowBytes, mtu.highBytes),
    link === null ? '' : formatEstimate(link.rate, RATE),
  ];
}

function describeAddress({ address, name }: { readonly address: string; readonly name?: string }): string {
  return name === undefined ? address : `${name} (${address})`;
}

function describeMtu(low: number, high: number): string {
  return low === high ? String(low) : `${low}-${high}`;
}

function formatTime(ns: number): string {
  return formatFigure(ns, TIME);
}
