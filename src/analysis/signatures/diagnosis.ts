// All signatures together: findings and alternatives in order, and the verdict. Judges nothing itself.
import type { Finding, Report, Verdict } from '../../model/report.js';
import { judgeAsymmetricRate } from './asymmetric-rate.js';
import { judgeBufferbloat } from './bufferbloat.js';
import { judgeDroppedTrains } from './dropped-trains.js';
import { judgeDscpRemark } from './dscp-remark.js';
import { judgeDuplicateAddress } from './duplicate-address.js';
import { judgeDuplication } from './duplication.js';
import { judgeHalfDuplex } from './half-duplex.js';
import { judgeLoad } from './load/judge-load.js';
import { judgeLowNegotiation } from './low-negotiation.js';
import { judgeMtuBlackHole } from './mtu-black-hole.js';
import { judgeMtuMismatch } from './mtu-mismatch.js';
import { LEAST_PACKETS } from './observations.js';
import type { Judgement, Observations, Signature } from './observations.js';
import { judgePacketProcessor } from './packet-processor.js';
import { judgePortErrors } from './port-errors.js';
import { judgeProbeLimited } from './probe-limited.js';
import { judgeReordering } from './reordering.js';
import { judgeRouteChange } from './route-change.js';
import { judgeShaper } from './shaper.js';
import { judgeSlowTarget } from './slow-target.js';
import { joinSame, lessen, lessenByRivals } from './rival-explanations.js';
import { judgeUnreachable } from './unreachable.js';
import { judgeVlanMismatch } from './vlan-mismatch.js';
import { judgeWirelessHop } from './wireless-hop.js';

const SIGNATURES: readonly Signature[] = [
  judgeUnreachable,
  judgeBufferbloat,
  judgeMtuBlackHole,
  judgeMtuMismatch,
  judgeVlanMismatch,
  judgeDuplicateAddress,
  judgePortErrors,
  judgeLowNegotiation,
  judgeRouteChange,
  judgeReordering,
  judgeDuplication,
  judgeAsymmetricRate,
  judgeDscpRemark,
  judgePacketProcessor,
  judgeDroppedTrains,
  judgeShaper,
  judgeWirelessHop,
  judgeSlowTarget,
  judgeProbeLimited,
];

/** Of conditions of one group only the most probable one is a finding; the others become alternatives. */
const EXCLUSIVE: readonly ReadonlySet<string>[] = [
  new Set(['mtu-black-hole', 'mtu-mismatch']),
  new Set(['shaper', 'policer']),
];
/** Less probable conditions are not worth a reader's time. */
const LEAST_ALTERNATIVE = 0.02;

export type Diagnosis = Pick<Report, 'verdict' | 'findings' | 'alternatives'>;

export function diagnose(observations: Observations): Diagnosis {
  const told = joinSame([...SIGNATURES.flatMap((judge) => judge(observations) ?? []), ...judgeLoad(observations)]);
  const judgements = explainByMedium(lessenByRivals(told, observations), judgeMedium(told, observations)).sort(
    (a, b) => b.probability - a.probability,
  );
  const findings: Finding[] = [];
  const rest: Judgement[] = [];
  for (const judgement of judgements) {
    const isTaken = findings.some(({ condition }) => excludes(condition, judgement.condition));
    if (judgement.finding === null || isTaken) rest.push(judgement);
    else findings.push(judgement.finding);
  }
  return {
    verdict: computeVerdict(findings, observations),
    findings,
    alternatives: rest
      .filter(({ probability }) => probability >= LEAST_ALTERNATIVE)
      .map(({ condition, probability }) => ({ condition, probability })),
  };
}

/**
 * What a medium that both directions share looks like where nobody thinks of it: its waits are no queue's, its pace no direction's, who wins
 * it at first passes faster than what follows, and what its stations have no room for meanwhile is lost as beyond a limit.
 */
const LOOKS_OF_MEDIUM: ReadonlySet<string> = new Set([
  'bufferbloat',
  'asymmetric-rate',
  'shaper',
  'policer',
  'packet-rate-limit',
]);
/** Where its collisions lose packets, that is what is told of it. */
const COLLIDING: ReadonlySet<string> = new Set(['duplex-mismatch', 'overlong-half-duplex']);
/** Collisions take large packets first, and make those that come wait for one backoff or another. */
const LOOKS_OF_COLLISIONS: ReadonlySet<string> = new Set([
  ...LOOKS_OF_MEDIUM,
  'mtu-black-hole',
  'mtu-mismatch',
  'wireless-hop',
  'slow-target',
]);

/** Replies come late behind slots and on a longer route as well; a port that says half duplex knows better. */
function judgeMedium(told: readonly Judgement[], observations: Observations): Judgement | null {
  const medium = judgeHalfDuplex(observations);
  if (medium === null || observations.path.port.duplex === 'half') return medium;
  const others = told.filter(({ condition, finding }) => LOOKS_LIKE_MEDIUM.has(condition) && finding !== null);
  return lessen(
    medium,
    others.reduce((share, { probability }) => share * (1 - probability), 1),
  );
}

const LOOKS_LIKE_MEDIUM: ReadonlySet<string> = new Set(['wireless-hop', 'route-change']);

function explainByMedium(told: readonly Judgement[], medium: Judgement | null): Judgement[] {
  const colliding = told.filter(({ condition, finding }) => COLLIDING.has(condition) && finding !== null);
  const orderly = Math.max(0, 1 - colliding.reduce((sum, { probability }) => sum + probability, 0));
  const explained = told.map((judgement) => {
    const byMedium = LOOKS_OF_MEDIUM.has(judgement.condition) ? 1 - (medium?.probability ?? 0) : 1;
    const byCollisions = LOOKS_OF_COLLISIONS.has(judgement.condition) ? orderly : 1;
    return lessen(judgement, byMedium * byCollisions);
  });
  if (medium === null) return explained;
  const probability = medium.probability * orderly;
  const finding = colliding.length > 0 || medium.finding === null ? null : { ...medium.finding, probability };
  return [...explained, { condition: medium.condition, probability, finding }];
}

function excludes(one: string, other: string): boolean {
  return EXCLUSIVE.some((group) => group.has(one) && group.has(other));
}

/** The worst severity found; unknown where too little was measured to call a path ok. Findings of severity info leave it ok. */
function computeVerdict(findings: readonly Finding[], { estimates }: Observations): Verdict {
  if (findings.some(({ severity }) => severity === 'critical')) return 'critical';
  if (findings.some(({ severity }) => severity === 'warning')) return 'warning';
  return (estimates.loss.roundTrip?.samples ?? 0) < LEAST_PACKETS ? 'unknown' : 'ok';
}
