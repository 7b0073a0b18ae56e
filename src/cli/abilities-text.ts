// What ports were measured to do, for a person: at length after a calibration, in a line for each port elsewhere.
import { formatFigure, RATE, TIME, type UnitFamily } from '../model/figures.js';
import type { PortAbilities } from '../model/path.js';

const PACKET_RATE: UnitFamily = [
  { name: 'pps', size: 1 },
  { name: 'kpps', size: 1e3 },
  { name: 'Mpps', size: 1e6 },
];

/** Rows of a heading and a sentence. */
export function describeAbilities(abilities: PortAbilities): string[][] {
  const { stampNoiseNs, coalescingNs } = abilities;
  const { sends, receives } = describeCeilings(abilities, ' of small packets', ' of full ones');
  return [
    ['stamps', `${formatFigure(stampNoiseNs, TIME)} of noise (standard deviation)`],
    ['sends', sends],
    ['receives', `at least ${receives}`],
    ['batches', describeBatches(coalescingNs)],
  ];
}

function describeBatches(coalescingNs: number): string {
  if (coalescingNs === 0) return 'none: each packet has a receive stamp of its own';
  return `received packets share stamps, about one each ${formatFigure(coalescingNs, TIME)}`;
}

/** Columns of one row. */
export function summarizeAbilities(abilities: PortAbilities): string[] {
  const { stampNoiseNs, coalescingNs, measuredAt } = abilities;
  const { sends, receives } = describeCeilings(abilities, '', '');
  const batches = coalescingNs === 0 ? 'a stamp each' : `a stamp for each ${formatFigure(coalescingNs, TIME)}`;
  const noise = `noise ${formatFigure(stampNoiseNs, TIME)}`;
  return [noise, `sends ${sends}`, `receives ${receives}`, batches, `measured ${measuredAt.slice(0, 10)}`];
}

function describeCeilings(
  abilities: PortAbilities,
  ofSmall: string,
  ofFull: string,
): { readonly sends: string; readonly receives: string } {
  const describe = (packetsPerSec: number, bitsPerSec: number): string =>
    `${formatFigure(packetsPerSec, PACKET_RATE)}${ofSmall}, ${formatFigure(bitsPerSec, RATE)}${ofFull}`;
  return {
    sends: describe(abilities.sendPacketsPerSec, abilities.sendBitsPerSec),
    receives: describe(abilities.receivePacketsPerSec, abilities.receiveBitsPerSec),
  };
}
