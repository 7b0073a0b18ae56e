// The probe's port and the switch port behind its cable disagree about VLANs: what one side sends tagged the other does not take.
import type { PathDescription } from '../../model/path.js';
import type { NeighbourFacts } from '../../model/link-evidence.js';
import type { Evidence, Finding } from '../../model/report.js';
import { TRACE_FLAG } from '../../model/trace.js';
import { countFlag } from '../estimators/packet-fate.js';
import { computePosterior } from './observations.js';
import type { Judgement, Observations } from './observations.js';

/** Wrong VLANs among ports whose settings were just made, which is when such a probe is plugged in. */
const PRIOR = 0.02;
/** How often each thing is seen where VLANs do not fit and where they do. */
const NO_NEIGHBOUR = { mismatch: 0.9, fits: 0.03 } as const;
const TAGGED_ONLY = { mismatch: 0.6, fits: 0.05 } as const;
const VLAN_NOT_OFFERED = { mismatch: 0.7, fits: 0.004 } as const;
const VLAN_UNTAGGED_THERE = { mismatch: 0.4, fits: 0.01 } as const;
const LEAST_PROBABILITY = 0.1;

interface Sign {
  readonly isSeen: boolean;
  readonly chance: { readonly mismatch: number; readonly fits: number };
  readonly evidence: Evidence;
}

export function judgeVlanMismatch({ path, light }: Observations): Judgement | null {
  const isUnanswered = !path.nextHop.resolved || light.some((trace) => countFlag(trace, TRACE_FLAG.noNeighbour) > 0);
  const signs = [...listSettings(path), ...listTags(path), describeNextHop(path, isUnanswered)];
  // An unanswered address resolution alone is a machine that is off.
  if (!signs.slice(0, -1).some(({ isSeen }) => isSeen)) return null;
  const weigh = (prior: number, hypothesis: 'mismatch' | 'fits'): number =>
    signs.reduce(
      (sum, { isSeen, chance }) => sum + Math.log(isSeen ? chance[hypothesis] : 1 - chance[hypothesis]),
      Math.log(prior),
    );
  const probability = computePosterior([weigh(PRIOR, 'mismatch'), weigh(1 - PRIOR, 'fits')]);
  if (probability < LEAST_PROBABILITY) return { condition: 'vlan-mismatch', probability, finding: null };
  const seen = signs.filter(({ isSeen }) => isSeen).map(({ evidence }) => evidence);
  return { condition: 'vlan-mismatch', probability, finding: describe(path, seen, { probability, isUnanswered }) };
}

/** What the neighbour says of its VLANs, where our port sends tagged frames. */
function listSettings({ port, neighbour }: PathDescription): Sign[] {
  const vlanId = port.vlanId;
  if (vlanId === undefined || !neighbour) return [];
  const { vlanIds, nativeVlan } = neighbour;
  const name = nameNeighbour(neighbour);
  const offered = vlanIds.join(', ');
  const signs: Sign[] = [];
  if (vlanIds.length > 0) {
    const text = `Port ${port.name} sends in VLAN ${vlanId}; ${name} names VLAN ${offered}`;
    const evidence = { text, metric: 'neighbour.vlanIds', value: vlanId, expected: offered };
    signs.push({ isSeen: !vlanIds.includes(vlanId) && nativeVlan !== vlanId, chance: VLAN_NOT_OFFERED, evidence });
  }
  if (nativeVlan !== null) {
    const text = `Port ${port.name} sends VLAN ${vlanId} tagged; ${name} has it untagged`;
    const evidence = { text, metric: 'neighbour.nativeVlan', value: vlanId, expected: nativeVlan };
    signs.push({ isSeen: nativeVlan === vlanId, chance: VLAN_UNTAGGED_THERE, evidence });
  }
  return signs;
}

/** Tagged frames that nothing here takes: the switch port is a trunk. */
function listTags({ port, taggedVlanIds = [] }: PathDescription): Sign[] {
  const foreign = taggedVlanIds.filter((vlan) => vlan !== port.vlanId);
  const text = `Frames of VLAN ${foreign.join(', ')} come in tagged, and nothing here takes them`;
  const evidence = { text, metric: 'taggedVlanIds', value: foreign.join(', '), expected: '' };
  return [{ isSeen: foreign.length > 0, chance: TAGGED_ONLY, evidence }];
}

function describeNextHop({ nextHop }: PathDescription, isUnanswered: boolean): Sign {
  const text = `${nextHop.address} does not answer address resolution`;
  const evidence = { text, metric: 'nextHop.resolved', value: false, expected: true };
  return { isSeen: isUnanswered, chance: NO_NEIGHBOUR, evidence };
}

function describe(
  { port, neighbour }: PathDescription,
  evidence: readonly Evidence[],
  { probability, isUnanswered }: { readonly probability: number; readonly isUnanswered: boolean },
): Finding {
  const place = neighbour
    ? `${nameNeighbour(neighbour)}${neighbour.portId === null ? '' : `, port ${neighbour.portId}`}`
    : 'the switch';
  return {
    condition: 'vlan-mismatch',
    probability,
    severity: isUnanswered ? 'critical' : 'warning',
    where: { kind: 'first-hop' },
    direction: 'both',
    evidence,
    advice:
      port.vlanId === undefined
        ? `Make the VLAN of this network untagged (native) on ${place}, or use a port with a VLAN here.`
        : `Carry VLAN ${port.vlanId} tagged on ${place}, or use the port below ${port.name} without a VLAN.`,
    confirm: 'The table of link addresses of the switch shows in which VLAN it learned the address of this port.',
  };
}

function nameNeighbour({ systemName }: NeighbourFacts): string {
  return systemName ?? 'the switch';
}
