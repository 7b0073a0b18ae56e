// What to send where it is not settled which fault loses packets: of a few experiments the one that tells most per byte, as long as one
// does. All are paced below what the path carries, so that no healthy queue overflows.
import type { Trace } from '../../../model/trace.js';
import { computePatternCost } from '../../../model/pattern-cost.js';
import type { Pattern, Sequence } from '../../../model/sequence.js';
import { BITS_PER_BYTE, ETHERNET_HEADER_BYTES, NS_PER_MS, NS_PER_SEC } from '../../../model/units.js';
import { chooseExperiment } from '../../signatures/load/weighing/choose-experiment.js';
import { losesUnderLoad } from '../../signatures/load/collect-evidence.js';
import { weighLoad } from '../../signatures/load/judge-load.js';
import type { Experiment } from '../../signatures/load/load-hypothesis.js';
import type { Posterior } from '../../signatures/load/weighing/posterior.js';
import { computeFates } from '../../estimators/packet-fate.js';
import { composeEstimates } from '../report/compose-estimates.js';
import { computeLightSize, computeLingerNs, selectLightTraces, selectTrainTraces } from '../knowledge.js';
import type { Knowledge } from '../knowledge.js';
import { computeLargeSize } from '../plans/train-plan.js';
import { answersTrains } from '../readings/train-readings.js';

const MOST_EXPERIMENTS = 4;
/** Each direction of a shared medium carries its half with room to spare. */
const TWO_WAY_LOAD = 0.38;
/** Packets that meet answers, beside those that are sent before the first answer is back. */
const MEETING_PACKETS = 110;
const MOST_TWO_WAY = 700;
/**
 * Frames of a few hundred bytes collide early as often as late, which only the full side of a mismatch loses by: enough of them to tell the
 * sides, and no closer than hosts answer.
 */
const SMALL_PACKETS = 400;
const MOST_SMALL = 1200;
const SMALL_BYTES = 260;
/** No faster: what cannot be paced is no experiment. */
const LEAST_INTERVAL_NS = 40_000;
const ALONE = { packets: 120, intervalNs: 6 * NS_PER_MS } as const;
const DENSE = { packets: 400, intervalNs: 1.5 * NS_PER_MS } as const;
const SAME_PACE_PACKETS = 400;
/** 100 Mb/s are 80 ns a byte; noise may hide some of it. */
const LEAST_SUSPECT_NS_PER_BYTE = 60;
/** Only so much of what is left goes to one experiment. */
const MOST_SHARE = 0.6;

/**
 * Where the slope of delay over size allows a link of 10 or 100 Mb/s, or the own port says that it runs half duplex (what is lost there may
 * leave no slope): packets whose answers meet later ones there, at random distances, as evenly paced ones would meet always or never.
 */
export function planMeet(knowledge: Knowledge): Sequence | null {
  const { path, traces } = knowledge;
  if (!mayExperiment(knowledge) || traces.meet.length > 1) return null;
  const estimates = composeEstimates(knowledge);
  const slope = (estimates.serialisation?.value ?? 0) / (path.replySize === 'same' ? 2 : 1);
  if (slope < LEAST_SUSPECT_NS_PER_BYTE && path.port.duplex !== 'half') return null;
  const wanted = traces.meet.length === 0 ? 'two-way' : 'two-way-small';
  if (wanted === 'two-way-small' && (path.stamps.far === null || !isLossy(traces.meet))) return null;
  const twoWay = listExperiments(knowledge, estimates).find(({ name }) => name === wanted);
  return twoWay !== undefined && fits(knowledge, twoWay) ? compose(knowledge, twoWay) : null;
}

/** Small packets then tell the side, before trains have spent what there is to spend. */
function isLossy(meet: readonly Trace[]): boolean {
  const lost = meet.flatMap((trace) => computeFates(trace)).filter((fate) => fate === 'lost').length;
  return lost >= LEAST_LOST;
}

const LEAST_LOST = 4;

export function planSeparate(knowledge: Knowledge): Sequence | null {
  const { path, traces } = knowledge;
  if (!mayExperiment(knowledge) || traces.separate.length >= MOST_EXPERIMENTS || !losesUnderLoad(traces)) return null;
  const light = selectLightTraces(traces);
  const estimates = composeEstimates(knowledge);
  const all = [...light, ...selectTrainTraces(traces)];
  const menu = listExperiments(knowledge, estimates).filter(
    (experiment) => !wasDone(knowledge, experiment) && fits(knowledge, experiment),
  );
  const posterior = menu.length === 0 ? null : weighLoad({ path, estimates, light, all, byPhase: traces });
  if (posterior === null) return null;
  const isSmall = ({ name }: Experiment): boolean => name === 'two-way-small';
  const isMet = doCollisionsLead(posterior);
  const sides = isMet && path.stamps.far !== null ? menu.find(isSmall) : undefined;
  const telling = isMet ? menu.filter((experiment) => !isSmall(experiment)) : menu;
  const chosen = sides ?? chooseExperiment(posterior, telling);
  return chosen === null ? null : compose(knowledge, chosen);
}

/** A quick examination has no time for it, and who asks for one quantity wants that alone. */
function mayExperiment({ request, path }: Knowledge): boolean {
  return request.quantity === null && request.depth !== 'quick' && answersTrains(path);
}

/**
 * Which side suffers them is the next question then, and small packets both ways tell it where the far end counts. By an echo they say no more
 * than that there are collisions: most are lost, and a host that stands still for a millisecond leaves open which of so short frames met.
 */
function doCollisionsLead({ explanations }: Posterior): boolean {
  return explanations[0]?.parts[0]?.hypothesis.needs === 'met';
}

function listExperiments(knowledge: Knowledge, estimates: ReturnType<typeof composeEstimates>): readonly Experiment[] {
  const large = computeLargeSize(knowledge);
  const small = computeLightSize(knowledge.path);
  const rttNs = estimates.rtt?.p50Ns ?? 0;
  const intervalNs = Math.max(LEAST_INTERVAL_NS, computePaceNs(knowledge, estimates, large));
  const packets = Math.min(MOST_TWO_WAY, Math.ceil(rttNs / intervalNs) + MEETING_PACKETS);
  const middle = Math.max(small, SMALL_BYTES);
  const smallIntervalNs = Math.max(LEAST_INTERVAL_NS, computePaceNs(knowledge, estimates, middle));
  const smallPackets = Math.min(MOST_SMALL, Math.ceil(rttNs / smallIntervalNs) + SMALL_PACKETS);
  const isTwoWay = packets * intervalNs > 1.5 * rttNs;
  return [
    { name: 'two-way', sizeBytes: large, packets, intervalNs, isTwoWay },
    { name: 'two-way-small', sizeBytes: middle, packets: smallPackets, intervalNs: smallIntervalNs, isTwoWay: true },
    { name: 'same-pace', sizeBytes: small, packets: SAME_PACE_PACKETS, intervalNs, isTwoWay },
    {
      name: 'alone',
      sizeBytes: large,
      ...ALONE,
      intervalNs: Math.max(ALONE.intervalNs, 3 * intervalNs),
      isTwoWay: false,
    },
    { name: 'dense', sizeBytes: small, ...DENSE, isTwoWay: false },
  ];
}

/**
 * The slowest link by the slope of delay over size, which no loss disturbs: what a train brought through may be that of a policer, or what
 * collisions left. A port that runs half duplex is no faster than it says.
 */
function computePaceNs({ path }: Knowledge, estimates: ReturnType<typeof composeEstimates>, sizeBytes: number): number {
  const crossings = path.replySize === 'same' ? 2 : 1;
  const slope = (estimates.serialisation?.value ?? 0) / crossings;
  const capacity = estimates.capacity.forward?.value ?? 0;
  const frameBytes = sizeBytes + ETHERNET_HEADER_BYTES;
  const timeAt = (rate: number): number => (rate > 0 ? (frameBytes * BITS_PER_BYTE * NS_PER_SEC) / rate : 0);
  const byPort = path.port.duplex === 'half' ? timeAt(path.port.speedBitsPerSec ?? 0) : 0;
  return Math.round(Math.max(byPort, slope > 0 ? slope * frameBytes : timeAt(capacity)) / TWO_WAY_LOAD);
}

function toPattern({ request }: Knowledge, { name, packets, intervalNs, sizeBytes }: Experiment): Pattern {
  return name === 'two-way' || name === 'two-way-small' || name === 'same-pace'
    ? { kind: 'poisson', count: packets, meanIntervalNs: intervalNs, sizeBytes, seed: request.seed }
    : { kind: 'isochronous', count: packets, intervalNs, sizeBytes };
}

function wasDone({ traces }: Knowledge, { name }: Experiment): boolean {
  return [...traces.meet, ...traces.separate].some(({ sequenceId }) => sequenceId === name);
}

function fits(knowledge: Knowledge, experiment: Experiment): boolean {
  const { allowance, traces } = knowledge;
  const { bytes, packets } = computePatternCost(toPattern(knowledge, experiment));
  const durationNs = experiment.packets * experiment.intervalNs + computeLingerNs(traces);
  return (
    bytes <= MOST_SHARE * allowance.bytes && packets <= allowance.packets && durationNs <= MOST_SHARE * allowance.ns
  );
}

function compose(knowledge: Knowledge, experiment: Experiment): Sequence {
  return {
    id: experiment.name,
    pattern: toPattern(knowledge, experiment),
    dscp: 0,
    dontFragment: false,
    lingerNs: Math.round(computeLingerNs(knowledge.traces)),
  };
}
