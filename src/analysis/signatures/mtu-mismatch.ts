// A switch or port on the way takes shorter frames than those at the ends of its link send: it drops the longer ones without a word.
import type { Evidence, Finding } from '../../model/report.js';
import type { PathDescription } from '../../model/path.js';
import { USUAL_MTU_BYTES } from './mtu-black-hole.js';
import { readMtuLimit } from './mtu-limit.js';
import type { MtuLimit } from './mtu-limit.js';
import type { Judgement, Observations } from './observations.js';

export function judgeMtuMismatch(observations: Observations): Judgement | null {
  const limit = readMtuLimit(observations);
  if (limit === null) return null;
  const probability = limit.mismatch;
  const finding = limit.isLikely ? describe(limit, observations.path, probability) : null;
  return { condition: 'mtu-mismatch', probability, finding };
}

function describe(limit: MtuLimit, path: PathDescription, probability: number): Finding {
  const { passedBytes, failedBytes, direction, neighbourBytes } = limit;
  const isOnLink = neighbourBytes !== null || path.nextHop.address === path.target.address;
  return {
    condition: 'mtu-mismatch',
    probability,
    severity: failedBytes <= USUAL_MTU_BYTES ? 'critical' : 'warning',
    where: isOnLink ? { kind: 'first-hop', address: path.nextHop.address } : { kind: 'path' },
    direction,
    evidence: [...limit.evidence, ...describeDirection(limit), ...describeNeighbour(neighbourBytes, path)],
    advice:
      `Set the same MTU on all ports of the link that drops frames of more than ${passedBytes} bytes of IP: ` +
      'both ends and every switch between them. A switch needs room for VLAN tags, too.',
    confirm: 'The counter of giants, oversize or "frame too long" of one port rises with each large packet.',
  };
}

function describeDirection({ direction, passedBytes, mtu }: MtuLimit): Evidence[] {
  if (direction !== 'forward' && direction !== 'reverse') return [];
  const other = direction === 'forward' ? mtu.reverseBytes : mtu.forwardBytes;
  if (other === null || other <= passedBytes) return [];
  const way = direction === 'forward' ? 'from the target' : 'towards it';
  return [
    { text: `Packets of ${other} bytes pass ${way}`, metric: 'mtu.otherBytes', value: other, expected: passedBytes },
  ];
}

function describeNeighbour(bytes: number | null, { neighbour, port }: PathDescription): Evidence[] {
  if (bytes === null) return [];
  const name = neighbour?.systemName ?? 'The switch at the other end of the cable';
  const text = `${name} says that it takes frames for IP packets of ${bytes} bytes; port ${port.name} sends ${port.mtuBytes}`;
  return [{ text, metric: 'neighbour.maxFrameBytes', value: bytes, expected: port.mtuBytes }];
}
