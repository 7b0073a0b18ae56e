// Somebody drops what exceeds a rate: a bucket of tokens, filled at the rate, of which each packet takes its bytes; what finds too
// few is dropped at once. As many packets are lost as in a full queue of that size, but nothing waits before.
import { formatFigure, RATE } from '../../../model/figures.js';
import { ETHERNET_HEADER_BYTES } from '../../../model/units.js';
import { formatPercent } from '../observations.js';
import { partitionByBuckets } from './buckets/bucket-evidence.js';
import type { Explained, LoadHypothesis, Partition } from './load-hypothesis.js';

export const POLICER: LoadHypothesis = {
  condition: 'policer',
  family: 'limit',
  needs: 'any',
  prior: 0.04,
  partition: (evidence) =>
    partitionByBuckets(evidence, 'bytes', ({ ratePerSec, depth, watched, waited }) => ({
      rateBitsPerSec: ratePerSec * 8,
      burstBytes: depth,
      watched,
      waited,
    })).map(heedContract),
  expectLoss: ({ rateBitsPerSec = Infinity, burstBytes = 0 }, { sizeBytes, packets, intervalNs }) => {
    const passedBytes = burstBytes + (rateBitsPerSec / 8) * (packets * intervalNs * 1e-9);
    return Math.max(0, 1 - passedBytes / (packets * (sizeBytes + ETHERNET_HEADER_BYTES)));
  },
  describe: (explained) => ({
    severity: 'warning',
    where: { kind: 'path' },
    evidence: describe(explained),
    advice:
      'Compare the rate with the contract. If it is the contracted one, shape the traffic on your own side a few percent below it, so that ' +
      'it waits instead of being lost; if not, ask the provider, or look at the policies of your own firewall and switches. A ' +
      'transfer by TCP with the shaper on confirms it: its losses must end.',
  }),
};

/** Nobody sells less; a host that answers so few pings of one size looks the same. */
const LEAST_SOLD_BITS_PER_SEC = 250e3;
const LOG_UNSOLD = -Math.log(100);

function heedContract(partition: Partition): Partition {
  const readings = partition.readings.map((reading) => {
    const isSold = (reading.parameters['rateBitsPerSec'] ?? Infinity) >= LEAST_SOLD_BITS_PER_SEC;
    return isSold ? reading : { ...reading, logWeight: reading.logWeight + LOG_UNSOLD };
  });
  return { ...partition, readings };
}

function describe({ reading, sent, lost, partition }: Explained) {
  const { rateBitsPerSec = 0, burstBytes = 0, watched = 0, waited = 0 } = reading.parameters;
  const emptyRatio = (lost[4] ?? 0) / Math.max(1, sent[4] ?? 0);
  const roomRatio = (lost[0] ?? 0) / Math.max(1, sent[0] ?? 0);
  return [
    {
      text:
        `${formatPercent(emptyRatio)} of the packets beyond ${formatFigure(rateBitsPerSec, RATE)} and a burst of ` +
        `${Math.round(burstBytes / 1e3)} kB were lost, ${formatPercent(roomRatio)} of those within`,
      metric: 'policer.rateBitsPerSec',
      value: rateBitsPerSec,
      expected: null,
    },
    {
      text:
        `${waited} of ${watched} packets shortly before the losses had waited as long as in a full queue of that rate: ` +
        'nothing is held back, what is too much is dropped',
      metric: 'policer.waitedShare',
      value: watched > 0 ? waited / watched : null,
      expected: partition.classes > 0 ? 0 : null,
    },
  ];
}
