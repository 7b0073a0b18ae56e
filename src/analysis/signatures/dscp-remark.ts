// The path rewrites the marks that ask for a treatment (DSCP, ECN). No fault by itself: networks trust only marks that they know.
import type { ClassTreatment } from '../../model/estimates.js';
import type { Evidence, Finding } from '../../model/report.js';
import { nameTrafficClass } from '../../model/traffic-class.js';
import type { Judgement, Observations } from './observations.js';

/** A mark that came otherwise than it was sent was seen; what is left are far ends that tell it wrongly. */
const SEEN_AT_THE_FAR_END = 0.97;
/** Only some marks changed on the round trip: a host that answers with marks of its own changes all alike. */
const SEEN_OF_SOME = 0.95;
/** All replies carry one mark: half of such targets answer so whatever came, half stand behind a network that clears marks. */
const SEEN_OF_ALL = 0.5;

type Direction = Finding['direction'];
interface Change {
  readonly sent: number;
  readonly came: number;
}

export function judgeDscpRemark({ path, estimates }: Observations): Judgement | null {
  const classes = estimates.dscp ?? [];
  const forward = listChanges(classes, 'forward');
  // A short reply is one of the host's own, with marks of its own.
  const reverse = path.replySize === 'small' ? [] : listChanges(classes, 'reverse');
  const isForwardKnown = classes.some((row) => row.forward !== null);
  const changes = forward.length > 0 ? forward : reverse;
  if (changes.length === 0) return null;
  const probability = isForwardKnown ? SEEN_AT_THE_FAR_END : computeRoundTripProbability(classes);
  const direction = isForwardKnown ? nameDirection(forward, reverse) : 'unknown';
  return {
    condition: 'dscp-remark',
    probability,
    finding: {
      condition: 'dscp-remark',
      probability,
      severity: 'info',
      where: { kind: 'path' },
      direction,
      evidence: [
        ...describeChanges(forward, direction === 'unknown' ? '' : ' at the far end', 'dscp.forward'),
        ...describeChanges(
          reverse,
          direction === 'unknown' ? ' in the replies' : ' here, in the replies',
          'dscp.reverse',
        ),
      ],
      advice:
        'Only where voice or video should be preferred: ask the provider which marks it carries, and set each switch on the ' +
        'way to trust the marks of the port they come from.',
      ...(direction === 'unknown' && {
        confirm: 'An appareNet or STAMP reflector at the target tells what arrives there.',
      }),
    },
  };
}

function listChanges(classes: readonly ClassTreatment[], way: 'forward' | 'reverse'): Change[] {
  return classes.flatMap((row) => {
    const came = row[way];
    return came === null || came === row.sent ? [] : [{ sent: row.sent, came }];
  });
}

function computeRoundTripProbability(classes: readonly ClassTreatment[]): number {
  const came = new Set(classes.flatMap(({ reverse }) => reverse ?? []));
  return came.size > 1 ? SEEN_OF_SOME : SEEN_OF_ALL;
}

/** Replies are sent with the marks of the request, so that a change on the way back is one of its own. */
function nameDirection(forward: readonly Change[], reverse: readonly Change[]): Direction {
  if (forward.length > 0 && reverse.length > 0) return 'both';
  return forward.length > 0 ? 'forward' : 'reverse';
}

function describeChanges(changes: readonly Change[], place: string, metric: string): Evidence[] {
  const [first] = changes;
  if (first === undefined) return [];
  const list = changes.map(({ sent, came }) => `${nameTrafficClass(sent)} as ${nameTrafficClass(came)}`).join(', ');
  return [
    {
      text: `Came otherwise than sent${place}: ${list}`,
      metric,
      value: nameTrafficClass(first.came),
      expected: nameTrafficClass(first.sent),
    },
  ];
}
