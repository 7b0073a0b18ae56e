// A report as a person reads it: the verdict at the first glance, the evidence at the second, the figures at the third.
import { makeDetails } from './detail-tables.js';
import { make } from './elements.js';
import { formatBytes, formatCount, formatRate } from './figures.js';
import { makeFigures } from './figure-rows.js';
import { makePicture } from './pattern-picture.js';

const VERDICTS = {
  ok: { word: 'Healthy', sign: '✓' },
  warning: { word: 'Warning', sign: '!' },
  critical: { word: 'Critical', sign: '✕' },
  unknown: { word: 'Unknown', sign: '?' },
};

const PLACES = {
  probe: 'in this probe',
  'first-hop': 'at the first hop',
  hop: 'at a hop',
  path: 'on the path',
  target: 'at the target',
};
const WAYS = {
  tps: 'another appareNet',
  stamp: 'a STAMP reflector',
  icmp: 'ICMP echo',
  udp: 'a closed UDP port',
  tcp: 'TCP',
  simulated: 'a simulated path',
};
const DIRECTIONS = { forward: 'on the way there', reverse: 'on the way back', both: 'in both directions', unknown: '' };

const SIDES = {
  near: 'half duplex at the near side',
  far: 'half duplex at the far side',
  unknown: 'half duplex at one side, which one is not known',
};

/** What hurts before what does not, as the report on the terminal has it. */
function orderForReading(findings) {
  return ['critical', 'warning', 'info'].flatMap((severity) =>
    findings.filter((finding) => finding.severity === severity),
  );
}

export function makeReport(report) {
  return [
    makeVerdict(report),
    ...orderForReading(report.findings).map((finding, index) => makeFinding(finding, index === 0)),
    makeAlternatives(report.alternatives),
    makeFigures(report.estimates),
    ...makeDetails(report.estimates),
    makeLimits(report.limits),
    makeFacts(report),
  ].filter((part) => part !== null);
}

function makeVerdict({ verdict, summary, target }) {
  const { word, sign } = VERDICTS[verdict] ?? VERDICTS.unknown;
  const name = target.name ? `${target.name} (${target.address})` : target.address;
  return make(
    'header',
    { class: `verdict ${verdict}` },
    make('span', { class: 'sign', 'aria-hidden': 'true' }, sign),
    make('div', {}, make('h2', {}, make('span', { class: 'word' }, word), ` ${name}`), make('p', {}, summary)),
  );
}

export function makeFinding(finding, isFirst) {
  const { condition, probability, severity, where, direction, halfSide, evidence, advice, confirm, pattern } = finding;
  const side = halfSide === undefined ? '' : SIDES[halfSide];
  const place = [describePlace(where), DIRECTIONS[direction] ?? '', side].filter(Boolean).join(', ');
  const heading = isFirst ? 'h3' : 'h4';
  return make(
    'section',
    { class: `finding ${severity}` },
    make(heading, {}, nameCondition(condition), ' ', make('span', { class: 'chance' }, formatChance(probability))),
    make('p', { class: 'place' }, place),
    evidence.length ? make('ul', {}, ...evidence.map(({ text }) => make('li', {}, text))) : null,
    makePicture(pattern),
    make('p', { class: 'advice' }, make('strong', {}, 'What to do '), advice),
    confirm === undefined ? null : make('p', { class: 'confirm' }, make('strong', {}, 'To be sure '), confirm),
  );
}

function describePlace({ kind, hop, address }) {
  const place = kind === 'hop' && hop !== undefined ? `at hop ${hop}` : (PLACES[kind] ?? kind);
  return address ? `${place}, ${address}` : place;
}

/** `duplex-mismatch` → "Duplex mismatch". */
function nameCondition(condition) {
  const words = condition.replaceAll('-', ' ').replace(/\b(mtu|dscp|vlan)\b/g, (word) => word.toUpperCase());
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function formatChance(probability) {
  if (probability >= 0.995) return '> 99 %';
  if (probability < 0.01) return '< 1 %';
  return `${Math.round(probability * 100)} %`;
}

function makeAlternatives(alternatives) {
  if (alternatives.length === 0) return null;
  const words = alternatives.map(
    ({ condition, probability }) => `${nameCondition(condition).toLowerCase()} ${formatChance(probability)}`,
  );
  return make('p', { class: 'alternatives' }, `Less probable: ${words.join(' · ')}`);
}

function makeLimits(limits) {
  if (limits.length === 0) return null;
  return make(
    'section',
    { class: 'limits' },
    make('h3', {}, 'What limits this result'),
    make('ul', {}, ...limits.map((limit) => make('li', {}, limit))),
  );
}

function makeFacts({ id, target, port, startedAt, durationMs, cost }) {
  const speed = port.speedBitsPerSec === null ? 'speed unknown' : formatRate(port.speedBitsPerSec);
  const duplex = port.duplex === 'unknown' ? '' : ` ${port.duplex} duplex`;
  const far = port.stamps.far === null ? '' : `, far end ${port.stamps.far}`;
  const facts = [
    ['Measured', `${new Date(startedAt).toLocaleString()}, for ${(durationMs / 1000).toFixed(1)} s`],
    ['Answered by', WAYS[target.via] ?? target.via],
    ['Sent from', `${port.name}, ${speed}${duplex}`],
    ['Time stamps', `sent ${port.stamps.tx}, received ${port.stamps.rx}${far}`],
    ['Cost', `${formatCount(cost.packets)} packets, ${formatBytes(cost.bytes)}`],
    ['Report', id],
  ];
  return make(
    'section',
    { class: 'facts' },
    make('h3', {}, 'How it was measured'),
    make('dl', {}, ...facts.flatMap(([term, words]) => [make('dt', {}, term), make('dd', {}, words)])),
  );
}
