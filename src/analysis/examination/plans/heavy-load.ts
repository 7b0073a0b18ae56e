// Whether the line is free enough to be loaded now, to be looked at again later, or to be loaded less. A decision as data; the
// examination carries it out.
import type { Sequence } from '../../../model/sequence.js';
import type { Trace } from '../../../model/trace.js';
import { BITS_PER_BYTE, ETHERNET_HEADER_BYTES, NS_PER_MS, NS_PER_SEC } from '../../../model/units.js';
import { estimateBusyShare } from '../../estimators/available/busy-look.js';
import { fitCount } from './allowance.js';
import { computeLeastIntervalNs, computeLightSize, computeLingerNs } from '../knowledge.js';
import type { Knowledge, PhaseName, TracesByPhase } from '../knowledge.js';
import { rememberByPhases } from '../readings/remember-by-phases.js';

export type HeavyLoadDecision =
  | { readonly kind: 'go' }
  /** Look again with this sequence of light packets, which is the wait as well. */
  | { readonly kind: 'wait'; readonly sequence: Sequence }
  /** Load with this share of the bytes that would have been allowed. */
  | { readonly kind: 'reduce'; readonly byteShare: number; readonly busyShare: number };

/** Phases that load the line. */
const HEAVY: readonly PhaseName[] = ['capacity', 'available', 'fill', 'loaded'];
/** Surely busier than this: the lower end of the interval counts, for a line is not held up on a suspicion. */
const BUSY_ABOVE = 0.6;
const MOST_WAITS = 2;
const LOOK = { packets: 150, intervalNs: 8 * NS_PER_MS } as const;
/** Waiting may take this share of the time left. */
const TIME_SHARE = 0.25;
const REDUCED_BYTES = 0.4;

/** Somebody who asks for one quantity wants it now: only the whole examination waits. */
function decideHeavyLoad(knowledge: Knowledge): HeavyLoadDecision {
  const { request, traces } = knowledge;
  const busyShare = request.quantity === null ? computeBusyShare(knowledge) : 0;
  if (busyShare <= BUSY_ABOVE) return { kind: 'go' };
  const sequence = traces.look.length < MOST_WAITS && !hasLoaded(knowledge) ? planLook(knowledge) : null;
  return sequence === null ? { kind: 'reduce', byteShare: REDUCED_BYTES, busyShare } : { kind: 'wait', sequence };
}

export function planWait(knowledge: Knowledge): Sequence | null {
  const decision = decideHeavyLoad(knowledge);
  return decision.kind === 'wait' ? decision.sequence : null;
}

/** The knowledge that a phase plans from: with fewer bytes where it would load a busy line. */
export function reduceForBusyLine(knowledge: Knowledge, phase: PhaseName): Knowledge {
  if (!HEAVY.includes(phase)) return knowledge;
  const decision = decideHeavyLoad(knowledge);
  if (decision.kind !== 'reduce') return knowledge;
  const { allowance } = knowledge;
  return { ...knowledge, allowance: { ...allowance, bytes: allowance.bytes * decision.byteShare } };
}

/** A sentence for the report's limits; none on a free line. */
export function describeHeavyLoad(knowledge: Knowledge): string[] {
  const { look } = knowledge.traces;
  const decision = decideHeavyLoad(knowledge);
  const percent = decision.kind === 'reduce' ? Math.round(decision.busyShare * 100) : 0;
  if (decision.kind === 'reduce')
    return [`The line was busy for more than ${percent} % of the time, also later: it was loaded less than planned`];
  return look.length > 0 ? ['The line was busy at first: loading it was put off until it was not'] : [];
}

/** The latest look decides; the port's own counters see what other programs of this machine send and receive. */
function computeBusyShare({ path, traces }: Knowledge): number {
  const looks = selectLooks(traces);
  const share = computeSeenShare(traces);
  const speed = path.port.speedBitsPerSec;
  return looks.reduce((most, trace) => Math.max(most, speed === null ? 0 : computeOthersShare(trace, speed)), share);
}

function selectLooks({ look, delay }: TracesByPhase): readonly Trace[] {
  const latest = look.at(-1);
  return latest === undefined ? delay : [latest];
}

/** Every heavy phase asks at each of its steps. */
const computeSeenShare = rememberByPhases(
  ['delay', 'look'],
  (traces): number => estimateBusyShare(selectLooks(traces))?.low ?? 0,
);

/** Of the port's speed, in the busier direction, our own packets and their replies left out; 0 where nobody counts. */
function computeOthersShare({ portBytes, cost }: Trace, speedBitsPerSec: number): number {
  if (portBytes === null || !(portBytes.durationNs > 0)) return 0;
  const bytes = Math.max(0, Math.max(portBytes.sent, portBytes.received) - cost.bytes);
  return (bytes * BITS_PER_BYTE * NS_PER_SEC) / portBytes.durationNs / speedBitsPerSec;
}

function hasLoaded({ traces }: Knowledge): boolean {
  return HEAVY.some((phase) => traces[phase].length > 0);
}

function planLook({ path, traces, allowance }: Knowledge): Sequence | null {
  const intervalNs = Math.max(LOOK.intervalNs, computeLeastIntervalNs(path));
  const sizeBytes = computeLightSize(path);
  const lingerNs = computeLingerNs(traces);
  const room = { ...allowance, ns: TIME_SHARE * allowance.ns - lingerNs };
  const count = fitCount(LOOK.packets, sizeBytes + ETHERNET_HEADER_BYTES, intervalNs, room);
  if (count < LOOK.packets / 2) return null;
  return {
    id: `look-${traces.look.length + 1}`,
    pattern: { kind: 'isochronous', count, intervalNs, sizeBytes },
    dscp: 0,
    dontFragment: false,
    lingerNs,
  };
}
