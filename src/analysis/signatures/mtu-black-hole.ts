// A router drops packets that are too big and its word on it never comes back: connections open and then hang.
import type { Finding } from '../../model/report.js';
import { readMtuLimit } from './mtu-limit.js';
import type { MtuLimit } from './mtu-limit.js';
import type { Judgement, Observations } from './observations.js';

/** What every host on Ethernet expects to pass. */
export const USUAL_MTU_BYTES = 1500;

export function judgeMtuBlackHole(observations: Observations): Judgement | null {
  const limit = readMtuLimit(observations);
  if (limit === null) return null;
  const probability = limit.blackHole;
  return { condition: 'mtu-black-hole', probability, finding: limit.isLikely ? describe(limit, probability) : null };
}

function describe({ passedBytes, failedBytes, direction, evidence, mtu }: MtuLimit, probability: number): Finding {
  const where = direction === 'reverse' ? "the target's own packets" : 'this machine';
  return {
    condition: 'mtu-black-hole',
    probability,
    severity: failedBytes <= USUAL_MTU_BYTES ? 'critical' : 'warning',
    where: { kind: 'path' },
    direction,
    evidence,
    advice:
      'Let ICMP "fragmentation needed" (IPv6 "packet too big") through every filter on the path. Until then set the MTU of ' +
      `the tunnel or port behind ${where} to ${passedBytes} bytes, or clamp TCP's segment size to ${passedBytes - 40}.`,
    confirm:
      mtu.fragmentsPass === true
        ? `apparenet path shows the hop behind which packets of ${failedBytes} bytes end.`
        : `A ping of ${passedBytes} bytes with DF set passes and one of ${failedBytes} does not, from another host of this network, too.`,
  };
}
