// What is odd about a hop, in words. Each remark says what it means for the figures beside it.
import type { HopMtu, HopNote } from '../../model/route.js';
import { isHopAnswer, type HopRow } from './hop-table.js';
import { countNextHops } from './next-hops.js';

export interface HopFacts {
  readonly row: HopRow;
  /** null for the first hop. */
  readonly previous: HopRow | null;
  readonly mtu: HopMtu | null;
  readonly previousMtu: HopMtu | null;
  readonly limitsAnswers: boolean;
  readonly isSlow: boolean;
  /** More than one flow was sent. */
  readonly isMultipath: boolean;
}

export function describeHop(facts: HopFacts): HopNote[] {
  const notes = [
    noteLimits(facts),
    noteSlow(facts),
    noteSameRouter(facts),
    noteTtl(facts),
    noteLabels(facts),
    noteParallel(facts),
    noteMtu(facts),
    noteRefusal(facts),
    noteLate(facts),
  ];
  return notes.filter((note) => note !== null);
}

function noteLimits({ limitsAnswers }: HopFacts): HopNote | null {
  return limitsAnswers
    ? { kind: 'limits-answers', text: 'limits its answers: hops behind it lose less, so this is no loss of the path' }
    : null;
}

function noteSlow({ isSlow }: HopFacts): HopNote | null {
  return isSlow
    ? { kind: 'slow-to-answer', text: 'slow to answer itself: hops behind it are faster, so the path is not slow here' }
    : null;
}

/** Neighbouring TTLs with one address: the hop before let a packet pass whose time was spent (Augustin et al., IMC 2006). */
function noteSameRouter({ row, previous }: HopFacts): HopNote | null {
  const address = row.addresses[0]?.address;
  if (address === undefined || previous === null || previous.addresses[0]?.address !== address) return null;
  const text = `the same router as hop ${previous.ttl}: one of the two TTLs was not counted, or a hop let a spent packet pass`;
  return { kind: 'same-router', text };
}

/** A packet whose time ends has a TTL of 1 (or 0, by some) when it comes; more shows that TTL was set anew on the way. */
function noteTtl({ row }: HopFacts): HopNote | null {
  const odd = row.all.find(({ answer }) => answer?.kind === 'time-exceeded' && (answer.quotedTtl ?? 1) > 1);
  if (!odd) return null;
  const text = `its quote shows a TTL of ${odd.answer?.quotedTtl ?? 0}: hidden hops (a tunnel) before it, or one that changes TTLs`;
  return { kind: 'ttl-changed', text };
}

function noteLabels({ row }: HopFacts): HopNote | null {
  const labels = row.all.find(({ answer }) => (answer?.labels.length ?? 0) > 0)?.answer?.labels ?? [];
  if (labels.length === 0) return null;
  return { kind: 'mpls', text: `MPLS label ${labels.map(({ label, ttl }) => `${label} (TTL ${ttl})`).join(', ')}` };
}

function noteParallel({ row, isMultipath }: HopFacts): HopNote | null {
  const { seen, flows, isComplete } = countNextHops(row);
  if (seen > 1) {
    const others = row.addresses.slice(1).map(({ address }) => address);
    const whole = isComplete ? '' : ', perhaps more';
    return { kind: 'several-routers', text: `also ${others.join(', ')}: ${seen} routers side by side${whole}` };
  }
  if (!isMultipath || seen === 0 || isComplete) return null;
  return { kind: 'several-routers', text: `only ${flows} flows were answered: a second router beside it is possible` };
}

function noteMtu({ mtu, previousMtu }: HopFacts): HopNote | null {
  if (mtu === null || mtu.how === 'passed') return null;
  if (previousMtu !== null && previousMtu.highBytes <= mtu.highBytes && previousMtu.how === mtu.how) return null;
  const size = mtu.lowBytes === mtu.highBytes ? `${mtu.lowBytes}` : `${mtu.lowBytes} to ${mtu.highBytes}`;
  if (mtu.how === 'announced') return { kind: 'mtu', text: `MTU ${size}, as the router before it says` };
  return { kind: 'black-hole', text: `MTU ${size}: larger packets vanish without a message (a black hole)` };
}

function noteRefusal({ row }: HopFacts): HopNote | null {
  const refused = row.all.filter(({ answer }) => answer?.kind === 'unreachable').length;
  // A hop that only refuses is the end of the path, which the summary tells.
  if (refused === 0 || row.isTarget || !row.all.some(isHopAnswer)) return null;
  return { kind: 'refuses', text: `${refused} of ${row.all.length} packets to it were refused as unreachable` };
}

function noteLate({ row }: HopFacts): HopNote | null {
  const answers = row.all.filter(isHopAnswer);
  if (answers.length === 0 || !answers.some(({ isLate }) => isLate)) return null;
  return { kind: 'late', text: 'answers late' };
}
