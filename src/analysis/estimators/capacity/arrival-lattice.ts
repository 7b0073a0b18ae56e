// Whether packets that left at any time came only at certain instants, one each so many ms, as from a link that is granted slots.
// Other traffic and jitter know no such instants. For packets one at a time: those of a load keep the pace of any link.
import { buildSpectrum, refineFrequency } from '../../statistics/phase-spectrum.js';
import { NS_PER_MS } from '../../../model/units.js';

export interface ArrivalLattice {
  /** Time from slot to slot. */
  readonly periodNs: number;
  /** Share of packets that came between the instants, 0-1: what was sent again, and what waited for it. */
  readonly offShare: number;
  readonly packets: number;
  /** ln likelihood of the arrivals on this lattice above that of what else explains them, less the choice among periods. */
  readonly logOdds: number;
}

/** Fewer packets fit some lattice by chance. */
const LEAST_PACKETS = 40;
/** More take time and add nothing. */
const MOST_PACKETS = 320;
/** Periods looked at: below are interrupts, above are hosts that sleep. What belongs to these must not pass for a part of it. */
const SHORTEST_NS = 0.6 * NS_PER_MS;
const LONGEST_NS = 12 * NS_PER_MS;
const LONGEST_LOOKED_AT_NS = 250 * NS_PER_MS;
const MOST_MULTIPLE = 10;
const MOST_OFF = 0.45;
const TOGETHER_NS = 0.1 * NS_PER_MS;
/** Frequencies whose fit is worked out. */
const CANDIDATES = 8;
/** How far arrivals spread around their instants, as shares of the period, and how many may come between. */
const SPREADS = [0.0015, 0.005, 0.015, 0.06] as const;
const OFF_SHARES = [0.02, 0.07, 0.15, 0.3, 0.45] as const;

/**
 * From instants of departure and of arrival of the same packets, ns, each on a clock of its own. The phase of arrivals is a wrapped
 * normal around one value for some and even for the rest. Where departures lie on the same lattice, nothing is told from it, nor where the requests
 * do that replies answer (`askedNs`): behind a queue that stays full they come at the pace of these. null with fewer than 40 packets, or where the
 * best lattice is none of a slotted link.
 */
export function findArrivalLattice(
  departureNs: Float64Array,
  arrivalNs: Float64Array,
  askedNs: Float64Array | null = null,
): ArrivalLattice | null {
  const rows = listApart(arrivalNs.subarray(0, MOST_PACKETS));
  const pick = (instantNs: Float64Array): Float64Array => Float64Array.from(rows, (row) => instantNs[row] ?? 0);
  const came = pick(arrivalNs);
  const left = pick(departureNs);
  const paces = askedNs === null ? [left] : [left, pick(askedNs)];
  const isPaced = (frequency: number): boolean =>
    paces.some((pace) => fitLattice(pace, refineFrequency(pace, frequency)).logLikelihood > 0);
  if (came.length < LEAST_PACKETS) return null;
  const bounds = { lowest: 1 / LONGEST_LOOKED_AT_NS, highest: 1 / SHORTEST_NS };
  const { peaks, frequencies } = buildSpectrum(came, left, { ...bounds, count: CANDIDATES });
  const best = peaks
    .map((peak) => {
      const frequency = refineFrequency(came, peak);
      const logOdds = fitLattice(came, frequency).logLikelihood - Math.log(frequencies);
      return { peak, logOdds, periodNs: 1 / frequency };
    })
    .sort((a, b) => b.logOdds - a.logOdds)
    // The pace of sending says nothing of slots.
    .find(({ peak }) => !isPaced(peak));
  if (best === undefined || best.periodNs > LONGEST_NS) return null;
  const { logOdds } = best;
  const slots = findWholePeriod(came, best.periodNs);
  // Of a finer lattice noise may hide the pace of sending that shows in the whole one.
  return slots.offShare < MOST_OFF && !isPaced(1 / slots.periodNs) ? { ...slots, packets: came.length, logOdds } : null;
}

/**
 * What is sent again after a part of a period lies on a finer lattice with the rest; the longest period on which most lie is the one
 * from slot to slot. Of packets that use each slot of a finer lattice, at most half lie on a coarser one.
 */
function findWholePeriod(came: Float64Array, finestNs: number): Pick<ArrivalLattice, 'periodNs' | 'offShare'> {
  for (let multiple = Math.min(MOST_MULTIPLE, Math.floor(LONGEST_NS / finestNs)); multiple > 1; multiple -= 1) {
    const periodNs = multiple * finestNs;
    const { offShare } = fitLattice(came, 1 / periodNs);
    if (offShare < MOST_OFF) return { periodNs, offShare };
  }
  return { periodNs: finestNs, offShare: fitLattice(came, 1 / finestNs).offShare };
}

/** Rows that came some time after the one before: what waited together for one event is evidence of one event. */
function listApart(arrivalNs: Float64Array): number[] {
  let beforeNs = -Infinity;
  return [...arrivalNs.keys()].filter((row) => {
    const atNs = arrivalNs[row] ?? 0;
    const isApart = atNs - beforeNs > TOGETHER_NS;
    if (isApart) beforeNs = atNs;
    return isApart;
  });
}

interface LatticeFit {
  /** Above that of even phases. */
  readonly logLikelihood: number;
  readonly offShare: number;
}

/** Averaged over spreads and shares; the share is that of the best pair. */
function fitLattice(timeNs: Float64Array, frequency: number): LatticeFit {
  const phases = timeNs.map((time) => time * frequency - Math.floor(time * frequency));
  const middle = computeMeanPhase(phases);
  const offsets = phases.map((phase) => Math.abs(phase - middle - Math.round(phase - middle)));
  const fits = SPREADS.flatMap((spread) => {
    const densities = offsets.map((off) => Math.exp(-0.5 * (off / spread) ** 2) / (spread * Math.sqrt(2 * Math.PI)));
    return OFF_SHARES.map((share) => ({ densities, share, logLikelihood: weighShare(densities, share) }));
  });
  const best = fits.reduce((most, fit) => (fit.logLikelihood > most.logLikelihood ? fit : most));
  const total = fits.reduce((sum, fit) => sum + Math.exp(fit.logLikelihood - best.logLikelihood), 0);
  return { logLikelihood: best.logLikelihood + Math.log(total / fits.length), offShare: computeOffShare(best) };
}

/** Events whose likelihoods are multiplied before the logarithm is taken: of so many no double overflows. */
const PER_LOGARITHM = 64;

function weighShare(densities: Float64Array, share: number): number {
  let logLikelihood = 0;
  let product = 1;
  for (let i = 0; i < densities.length; i += 1) {
    product *= share + (1 - share) * (densities[i] as number);
    if (i % PER_LOGARITHM !== PER_LOGARITHM - 1) continue;
    logLikelihood += Math.log(product);
    product = 1;
  }
  return logLikelihood + Math.log(product);
}

/** The mean probability of an event to be none of the lattice. */
function computeOffShare({ densities, share }: { readonly densities: Float64Array; readonly share: number }): number {
  return densities.reduce((off, density) => off + share / (share + (1 - share) * density), 0) / densities.length;
}

/** The phase around which most lie: the circular mean, then three times that of those within 0.15 of it. */
function computeMeanPhase(phases: Float64Array): number {
  const sines = phases.map((phase) => Math.sin(2 * Math.PI * phase));
  const cosines = phases.map((phase) => Math.cos(2 * Math.PI * phase));
  let middle = computeCircularMean(sines, cosines, () => true);
  for (let round = 0; round < 3; round += 1) {
    const around = middle;
    const isNear = (i: number): boolean => {
      const off = (phases[i] as number) - around;
      return Math.abs(off - Math.round(off)) < 0.15;
    };
    if (phases.some((_, i) => isNear(i))) middle = computeCircularMean(sines, cosines, isNear);
  }
  return middle;
}

function computeCircularMean(sines: Float64Array, cosines: Float64Array, isCounted: (i: number) => boolean): number {
  let sine = 0;
  let cosine = 0;
  for (let i = 0; i < sines.length; i += 1) {
    if (!isCounted(i)) continue;
    sine += sines[i] as number;
    cosine += cosines[i] as number;
  }
  return Math.atan2(sine, cosine) / (2 * Math.PI);
}
