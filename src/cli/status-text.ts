// The status of the appliance for a person: parts, ports, clock, machine.
import type { StampAbility } from '../box/stamp-abilities.js';
import type { NeighbourFacts } from '../model/link-evidence.js';
import type { Incident } from '../model/incident.js';
import type { PartName } from '../model/parts.js';
import type { LastVerdict } from '../model/server-health.js';
import { summarizeAbilities } from './abilities-text.js';
import type { ApplianceStatus, PartStatus, PortStatus } from './appliance-status.js';
import { formatFigure, RATE } from '../model/figures.js';
import type { Ink, Tone } from './ink.js';
import { alignRows } from './layout.js';
import { describeConcerns, describeHealth } from './health-text.js';
import { describeNeighbour } from './neighbour-text.js';

const PART_WORDS: Readonly<Record<PartName, string>> = {
  tps: 'sequencer',
  as: 'analysis server',
  ui: 'page',
};

const STATE_TONE: Readonly<Record<PartStatus['state'], Tone>> = { up: 'good', degraded: 'warning', down: 'bad' };

/** Ends in a line break. */
export function renderStatus(status: ApplianceStatus, ink: Ink): string {
  const lines = [
    `apparenet ${status.version}`,
    '',
    ...renderParts(status.parts, ink),
    '',
    ...alignRows(status.ports.map(describePort)),
    ...describeNeighbours(status.ports),
    ...describeMeasured(status.ports),
    '',
    ...alignRows([...describeHealth(status), ...(status.results ? [['last', describeLast(status.results.last)]] : [])]),
    ...describeConcerns(status.health.concerns, ink),
    ...describeOpen(status.openIncidents ?? [], ink),
  ];
  return `${lines.join('\n')}\n`;
}

/** Padding is counted before colour is added. */
function renderParts(parts: readonly PartStatus[], ink: Ink): string[] {
  const rows = parts.map((part) => [PART_WORDS[part.part], part.state, describePart(part), part.where]);
  return alignRows(rows).map((line, i) => {
    const state = parts[i]?.state ?? 'down';
    return line.replace(state, ink(STATE_TONE[state], state));
  });
}

function describePart({ state, version, uptimeSec }: PartStatus): string {
  return state === 'down' ? '' : `${version ?? '?'}, for ${formatUptime(uptimeSec ?? 0)}`;
}

/** The two largest units: `3 d 4 h`, `12 min 5 s`. */
export function formatUptime(uptimeSec: number): string {
  const units = [
    ['d', 86_400],
    ['h', 3_600],
    ['min', 60],
    ['s', 1],
  ] as const;
  const first = units.findIndex(([, size]) => uptimeSec >= size);
  if (first < 0) return '0 s';
  let rest = Math.floor(uptimeSec);
  const parts = units.slice(first, first + 2).map(([name, size]) => {
    const count = Math.floor(rest / size);
    rest -= count * size;
    return count === 0 ? '' : `${count} ${name}`;
  });
  return parts.filter((part) => part !== '').join(' ');
}

function describePort({ facts, kind, driver, stamps }: PortStatus): string[] {
  const speed = facts.speedBitsPerSec === null ? 'speed unknown' : formatFigure(facts.speedBitsPerSec, RATE);
  const link = facts.linkUp ? [speed, ...(facts.duplex === 'unknown' ? [] : [facts.duplex])].join(' ') : '';
  const abilities = `stamps ${ABILITY_WORDS[stamps.tx]} out, ${ABILITY_WORDS[stamps.rx]} in`;
  return [facts.name, facts.linkUp ? 'up' : 'down', link, `mtu ${facts.mtuBytes}`, driver ?? kind, abilities];
}

/** Who is at the other end of each cable, after an empty line; nothing where nobody was heard. */
function describeNeighbours(ports: readonly PortStatus[]): string[] {
  const rows = ports.flatMap(({ facts, neighbour }) =>
    neighbour === null ? [] : [[facts.name, `on ${describeNeighbour(neighbour)}`, describeAge(neighbour)]],
  );
  return rows.length === 0 ? [] : ['', ...alignRows(rows)];
}

function describeAge({ protocol, ageSec }: NeighbourFacts): string {
  const heard = `heard by ${protocol.toUpperCase()}`;
  return ageSec === undefined ? heard : `${heard} ${formatUptime(ageSec)} ago`;
}

/** What calibrations found, after an empty line; nothing where there was none. */
function describeMeasured(ports: readonly PortStatus[]): string[] {
  const rows = ports.flatMap(({ facts, abilities }) =>
    abilities === null ? [] : [[facts.name, ...summarizeAbilities(abilities)]],
  );
  return rows.length === 0 ? [] : ['', ...alignRows(rows)];
}

const ABILITY_WORDS: Readonly<Record<StampAbility, string>> = {
  hardware: 'hardware',
  'hardware-ptp': 'hardware (PTP packets only)',
  kernel: 'kernel',
  user: 'user',
};

function describeLast({ verdict, target, startedAt, id, summary }: LastVerdict): string {
  return `${verdict.toUpperCase()}  ${target.name ?? target.address} at ${startedAt} (report ${id}): ${summary}`;
}

/** What is wrong with watched targets now, after an empty line; nothing where nothing is. */
function describeOpen(incidents: readonly Incident[], ink: Ink): string[] {
  if (incidents.length === 0) return [];
  const lines = incidents.map(({ severity, summary, id }) => {
    const tone: Tone = severity === 'critical' ? 'bad' : 'warning';
    return `${ink(tone, severity)}: ${summary} (apparenet incidents ${id})`;
  });
  return ['', ...lines];
}
