// Two machines answer for one IP address on the probe's own link: packets go now to the one, now to the other.
import type { AddressConflict } from '../../model/link-evidence.js';
import type { Finding } from '../../model/report.js';
import { countLoss } from '../estimators/loss/loss-ratio.js';
import type { Judgement, Observations } from './observations.js';

/** Two answers were seen; what is left are machines that answer with several cards of theirs. */
const SEEN = 0.95;
/** A shared router address has a link address of its own, beside which the routers may answer with theirs. */
const SHARED_ROUTER = 0.25;
/** VRRP of IPv4 and IPv6 (RFC 9568 section 7.3), HSRP 1 and 2, GLBP: the first five or four octets. */
const SHARED_PREFIXES = ['00:00:5e:00:01', '00:00:5e:00:02', '00:00:0c:07:ac', '00:00:0c:9f:f', '00:07:b4'];

export function judgeDuplicateAddress({ path, light }: Observations): Judgement | null {
  const conflict = path.addressConflict ?? null;
  if (conflict === null) return null;
  const isShared = conflict.linkAddresses.some((address) =>
    SHARED_PREFIXES.some((prefix) => address.toLowerCase().startsWith(prefix)),
  );
  const probability = isShared ? SHARED_ROUTER : SEEN;
  const finding = describe(conflict, { probability, isShared, hasLoss: countLoss(light).lost > 0 });
  return { condition: 'duplicate-address', probability, finding };
}

interface Seen {
  readonly probability: number;
  readonly isShared: boolean;
  readonly hasLoss: boolean;
}

function describe(conflict: AddressConflict, { probability, isShared, hasLoss }: Seen): Finding {
  const { address, linkAddresses } = conflict;
  const severity = isShared ? 'info' : hasLoss ? 'critical' : 'warning';
  return {
    condition: 'duplicate-address',
    probability,
    severity,
    where: { kind: 'first-hop', address },
    direction: 'both',
    evidence: [
      {
        text: `${linkAddresses.length} link addresses answer for ${address}: ${linkAddresses.join(', ')}`,
        metric: 'addressConflict.linkAddresses',
        value: linkAddresses.length,
        expected: 1,
      },
    ],
    advice: isShared
      ? `One of them is the shared address of a group of routers: nothing to do, unless the others are no routers of that group.`
      : `Find both machines by their link addresses in the switch's table and give one of them another IP address.`,
    confirm: `With one of the two unplugged, ${address} still answers.`,
  };
}
