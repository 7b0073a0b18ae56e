// Error counters from recorded answers: no port without errors can be had to make them here.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import {
  computeErrorRise,
  computeErrorTotals,
  ErrorCounters,
  type CounterSource,
} from '../../../src/box/error-counters.js';

const NO_KERNEL = {
  carrierChanges: 0,
  txBytes: 0,
  rxBytes: 0,
  collisions: 0,
  rxLengthErrors: 0,
  rxOverErrors: 0,
  rxCrcErrors: 0,
  rxFrameErrors: 0,
  rxFifoErrors: 0,
  rxMissedErrors: 0,
  txAbortedErrors: 0,
  txCarrierErrors: 0,
  txWindowErrors: 0,
};

const SILENT: CounterSource = {
  readKernel: () => NO_KERNEL,
  readStandard: () => ({}),
  readDriverNames: () => [],
  readDriver: () => null,
};

const UNTOLD = {
  fcsErrors: null,
  alignmentErrors: null,
  collisions: null,
  lateCollisions: null,
  excessiveCollisions: null,
  carrierErrors: null,
  receiveOverruns: null,
  receiveMissed: null,
};

/** Two readings, the source changed in between. */
function readTwice(first: Partial<CounterSource>, second: Partial<CounterSource>) {
  let current = { ...SILENT, ...first };
  const counters = new ErrorCounters('p0', {
    readKernel: (port) => current.readKernel(port),
    readStandard: (port) => current.readStandard(port),
    readDriverNames: (port) => current.readDriverNames(port),
    readDriver: (port, count) => current.readDriver(port, count),
  });
  const before = counters.read();
  current = { ...SILENT, ...second };
  return { before, after: counters.read() };
}

it('does not take the silence of a driver for an absence of errors', () => {
  const { before, after } = readTwice({}, {});
  assert.deepEqual(computeErrorRise(before, after), UNTOLD);
  assert.deepEqual(computeErrorTotals(after), UNTOLD);
});

it('believes a zero of a driver that counts', () => {
  const readStandard = () => ({ fcsErrors: 0, lateCollisions: 7 });
  const { before, after } = readTwice({ readStandard }, { readStandard });
  assert.deepEqual(computeErrorRise(before, after), { ...UNTOLD, fcsErrors: 0, lateCollisions: 0 });
  assert.deepEqual(computeErrorTotals(after), { ...UNTOLD, fcsErrors: 0, lateCollisions: 7 });
});

it('tells late collisions and broken frames of each place, once', () => {
  const { before, after } = readTwice(
    {
      readStandard: () => ({
        fcsErrors: 10,
        fragments: 4,
        singleCollisions: 1,
        multipleCollisions: 2,
        lateCollisions: 0,
      }),
    },
    {
      readStandard: () => ({
        fcsErrors: 12,
        fragments: 9,
        singleCollisions: 2,
        multipleCollisions: 4,
        lateCollisions: 6,
      }),
      readKernel: () => ({ ...NO_KERNEL, txWindowErrors: 6, collisions: 3, rxCrcErrors: 2 }),
    },
  );
  assert.deepEqual(computeErrorRise(before, after), { ...UNTOLD, fcsErrors: 7, collisions: 3, lateCollisions: 6 });
});

it('takes the first error of a counter that was never heard of before', () => {
  const { before, after } = readTwice({}, { readKernel: () => ({ ...NO_KERNEL, txCarrierErrors: 3 }) });
  assert.deepEqual(computeErrorRise(before, after), { ...UNTOLD, carrierErrors: 3 });
});

it('says nothing of counters that began anew', () => {
  const { before, after } = readTwice(
    { readStandard: () => ({ fcsErrors: 10 }), readKernel: () => ({ ...NO_KERNEL, rxMissedErrors: 9 }) },
    { readStandard: () => ({ fcsErrors: 2 }), readKernel: () => ({ ...NO_KERNEL, rxMissedErrors: 1 }) },
  );
  assert.deepEqual(computeErrorRise(before, after), UNTOLD);
});

it('knows the names that drivers use', () => {
  // Drivers tg3, e1000e, fec, lan78xx: the same three events.
  const spellings = [
    ['rx_octets', 'rx_fcs_errors', 'tx_late_collisions', 'rx_align_errors'],
    ['rx_crc_errors', 'tx_abort_late_coll', 'rx_align_errors'],
    ['IEEE_rx_crc', 'IEEE_tx_lcol', 'IEEE_rx_align', 'IEEE_tx_drop'],
    ['RX FCS Errors', 'RX Alignment Errors', 'TX Late Collisions'],
  ];
  for (const names of spellings) {
    const readDriverNames = () => names;
    const values = (start: number) => Float64Array.from(names, (_, at) => start * (at + 1));
    const { before, after } = readTwice(
      { readDriverNames, readDriver: () => values(1) },
      { readDriverNames, readDriver: () => values(3) },
    );
    const rise = computeErrorRise(before, after);
    const at = (pattern: RegExp) => 2 * (names.findIndex((name) => pattern.test(name)) + 1);
    assert.deepEqual(
      rise,
      { ...UNTOLD, fcsErrors: at(/crc|fcs/i), lateCollisions: at(/late|lcol/i), alignmentErrors: at(/align/i) },
      names.join(),
    );
  }
});

it('asks a driver only for what the standard counters leave open', () => {
  const readDriver = (): never => assert.fail('the driver was asked for its own counters');
  const source = {
    ...SILENT,
    readDriverNames: () => ['rx_fcs_errors'],
    readStandard: () => ({ fcsErrors: 1 }),
    readDriver,
  };
  assert.equal(new ErrorCounters('p0', source).read()?.fcsErrors.told, 1);
});

it('has no figures of a port that went away', () => {
  const { before, after } = readTwice({}, { readKernel: () => null });
  assert.equal(after, null);
  assert.equal(computeErrorRise(before, after), null);
  assert.equal(computeErrorTotals(after), null);
});
