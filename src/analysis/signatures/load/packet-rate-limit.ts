// Something counts packets, not bytes: a device that forwards so many a second, or a target that answers no more. A bucket of packets,
// which small packets empty as fast as large ones.
import { partitionByBuckets } from './buckets/bucket-evidence.js';
import type { Explained, LoadHypothesis } from './load-hypothesis.js';
import { formatPercent } from '../observations.js';

export const PACKET_RATE_LIMIT: LoadHypothesis = {
  condition: 'packet-rate-limit',
  family: 'alone',
  needs: 'any',
  prior: 0.015,
  partition: (evidence) =>
    partitionByBuckets(evidence, 'packets', ({ ratePerSec, depth }) => ({
      packetsPerSec: ratePerSec,
      burstPackets: depth,
    })),
  expectLoss: ({ packetsPerSec = Infinity, burstPackets = 0 }, { packets, intervalNs }) =>
    Math.max(0, 1 - (burstPackets + packetsPerSec * packets * intervalNs * 1e-9) / packets),
  describe: (explained) => {
    const { path } = explained.evidence.observations;
    const isEcho = path.stamps.far === null;
    return {
      // A host that limits its answers to pings is well configured: only where a reflector answers all it gets it is the path.
      severity: isEcho ? 'info' : 'warning',
      where: { kind: isEcho ? 'target' : 'path' },
      evidence: describe(explained, isEcho),
      advice: isEcho
        ? 'Most hosts limit how many pings they answer: nothing is wrong with that. If other traffic is lost as well, run this against a ' +
          'reflector behind the same path: what it does not lose, the target left unanswered.'
        : 'Look for a device that forwards in software or has a packet filter at its limit: a home router, a firewall, a virtual ' +
          'machine. Large packets pass at a higher rate in bits; fewer rules or a faster device help.',
    };
  },
};

function describe({ reading, sent, lost }: Explained, isEcho: boolean) {
  const { packetsPerSec = 0, burstPackets = 0 } = reading.parameters;
  const who = isEcho ? 'answers' : 'packets';
  return [
    {
      text:
        `${formatPercent((lost[4] ?? 0) / Math.max(1, sent[4] ?? 0))} of the packets beyond ${Number(packetsPerSec.toPrecision(3))} a second and ` +
        `${Math.round(burstPackets)} at once brought no answer, whatever their size; ` +
        `${formatPercent((lost[0] ?? 0) / Math.max(1, sent[0] ?? 0))} of the others`,
      metric: `packetRateLimit.${who}PerSec`,
      value: packetsPerSec,
      expected: null,
    },
  ];
}
