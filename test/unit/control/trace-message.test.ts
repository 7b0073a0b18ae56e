import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ProtocolError } from '../../../src/model/errors.js';
import type { FarTrain, Trace } from '../../../src/model/trace.js';
import { ControlFrameReader, encodeControlFrame } from '../../../src/packet/control-frame.js';
import { CONTROL_LIMITS } from '../../../src/sequencer/control/messages.js';
import { encodeTrace, parseTrace, TRACE_COLUMNS } from '../../../src/sequencer/control/trace-message.js';

/** Objects as JSON.parse makes them. */
const PLAIN = { noNullPrototype: true } as const;
const anyOffset = fc.oneof(fc.constant(NaN), fc.double({ noDefaultInfinity: true, noNaN: true }));
const anyUint16 = fc.integer({ min: 0, max: 0xffff });
const anyUint32 = fc.integer({ min: 0, max: 0xffffffff });
const anyCount = fc.nat({ max: Number.MAX_SAFE_INTEGER });

const anyRow = fc.record({
  sizeBytes: anyUint16,
  burst: anyUint32,
  position: anyUint32,
  offsets: fc.tuple(anyOffset, anyOffset, anyOffset, anyOffset, anyOffset),
  replySizeBytes: anyUint16,
  arrival: fc.integer({ min: -1, max: 0x7fffffff }),
  duplicates: anyUint16,
  farSequence: fc.integer({ min: -1, max: 0xffffffff }),
  replyTtl: fc.integer({ min: 0, max: 255 }),
  flags: anyUint16,
  trafficClass: fc.integer({ min: 0, max: 255 }),
  classes: fc.tuple(fc.integer({ min: -1, max: 255 }), fc.integer({ min: -1, max: 255 })),
  flow: fc.integer({ min: 0, max: 1 }),
});

const anyFarTrain = fc
  .array(
    fc.record({ sizeBytes: anyUint16, burst: anyUint32, position: anyUint32, offsets: fc.tuple(anyOffset, anyOffset) }),
    {
      maxLength: 20,
    },
  )
  .map((rows) => ({
    count: rows.length,
    sizeBytes: Uint16Array.from(rows, (row) => row.sizeBytes),
    burst: Uint32Array.from(rows, (row) => row.burst),
    position: Uint32Array.from(rows, (row) => row.position),
    plannedOffsetNs: Float64Array.from(rows, (_, i) => i * 1000),
    isSent: Uint8Array.from(rows, (_, i) => i % 2),
    farTxOffsetNs: Float64Array.from(rows, (row) => row.offsets[0]),
    rxOffsetNs: Float64Array.from(rows, (row) => row.offsets[1]),
  }));

const anyMessage = fc.record(
  {
    kind: fc.constantFrom('unreachable', 'packet-too-big', 'time-exceeded', 'other'),
    code: fc.integer({ min: 0, max: 255 }),
    from: fc.constantFrom('192.0.2.1', '2001:db8::1'),
    mtuBytes: fc.option(anyUint16),
    count: anyCount,
  },
  PLAIN,
);

const anyPortErrors = fc.record(
  {
    fcsErrors: fc.option(anyCount),
    alignmentErrors: fc.option(anyCount),
    collisions: fc.option(anyCount),
    lateCollisions: fc.option(anyCount),
    excessiveCollisions: fc.option(anyCount),
    carrierErrors: fc.option(anyCount),
    receiveOverruns: fc.option(anyCount),
    receiveMissed: fc.option(anyCount),
  },
  PLAIN,
);

const anyVlanId = fc.integer({ min: 1, max: 4094 });

const anyNeighbour = fc.record(
  {
    protocol: fc.constantFrom('lldp', 'cdp'),
    systemName: fc.option(fc.constantFrom('sw-1', 'Schrank Süd')),
    portId: fc.option(fc.constant('Gi0/3')),
    portDescription: fc.option(fc.constant('uplink')),
    duplex: fc.constantFrom('full', 'half', null),
    speedBitsPerSec: fc.option(anyCount),
    autoNegotiationEnabled: fc.option(fc.boolean()),
    nativeVlan: fc.option(anyVlanId),
    vlanIds: fc.array(anyVlanId, { maxLength: 5 }),
    maxFrameBytes: fc.option(anyCount),
    ageSec: anyCount,
  },
  {
    ...PLAIN,
    requiredKeys: [
      'protocol',
      'systemName',
      'portId',
      'portDescription',
      'duplex',
      'speedBitsPerSec',
      'autoNegotiationEnabled',
      'nativeVlan',
      'vlanIds',
      'maxFrameBytes',
    ],
  },
);

/** Each may be absent: not every prober listens. */
const anyLinkEvidence = fc.record(
  {
    portErrors: fc.option(anyPortErrors),
    heard: fc.option(
      fc.record({ neighbour: fc.option(anyNeighbour), taggedVlanIds: fc.array(anyVlanId, { maxLength: 5 }) }, PLAIN),
    ),
  },
  { ...PLAIN, requiredKeys: [] },
);

const anyTrace: fc.Arbitrary<Trace> = fc
  .record({
    rows: fc.array(anyRow, { maxLength: 30 }),
    clock: fc.constantFrom('wall', 'phc', 'virtual'),
    far: fc.constantFrom('hardware', 'kernel', 'user', null),
    baseNs: fc.bigInt({ min: 0n, max: 2n ** 63n }),
    farBaseNs: fc.bigInt({ min: -(2n ** 62n), max: 2n ** 62n }),
    cost: fc.record({ packets: anyCount, bytes: anyCount }, PLAIN),
    receiveOverflows: anyCount,
    clockStepNs: fc.double({ noDefaultInfinity: true, noNaN: true }).map((ns) => ns + 0),
    messages: fc.array(anyMessage, { maxLength: 3 }),
    interrupted: fc.boolean(),
    linkEvidence: anyLinkEvidence,
    farTrain: fc.option(anyFarTrain),
    portBytes: fc.option(
      fc.record(
        { sent: anyCount, received: anyCount, durationNs: fc.double({ min: 1, max: 1e12, noNaN: true }) },
        PLAIN,
      ),
    ),
  })
  .map(({ rows, far, linkEvidence, ...single }) => ({
    ...single,
    ...linkEvidence,
    sequenceId: 'trains-2',
    stamps: { tx: 'kernel', rx: 'hardware', far },
    count: rows.length,
    sizeBytes: Uint16Array.from(rows, (row) => row.sizeBytes),
    burst: Uint32Array.from(rows, (row) => row.burst),
    position: Uint32Array.from(rows, (row) => row.position),
    plannedOffsetNs: Float64Array.from(rows, (row) => row.offsets[0]),
    txOffsetNs: Float64Array.from(rows, (row) => row.offsets[1]),
    farRxOffsetNs: Float64Array.from(rows, (row) => row.offsets[2]),
    farTxOffsetNs: Float64Array.from(rows, (row) => row.offsets[3]),
    rxOffsetNs: Float64Array.from(rows, (row) => row.offsets[4]),
    replySizeBytes: Uint16Array.from(rows, (row) => row.replySizeBytes),
    arrival: Int32Array.from(rows, (row) => row.arrival),
    duplicates: Uint16Array.from(rows, (row) => row.duplicates),
    farSequence: Float64Array.from(rows, (row) => row.farSequence),
    replyTtl: Uint8Array.from(rows, (row) => row.replyTtl),
    flags: Uint16Array.from(rows, (row) => row.flags),
    trafficClass: Uint8Array.from(rows, (row) => row.trafficClass),
    farTrafficClass: Int16Array.from(rows, (row) => row.classes[0]),
    replyTrafficClass: Int16Array.from(rows, (row) => row.classes[1]),
    flow: Uint8Array.from(rows, (row) => row.flow),
  }));

/** Through the framing, in chunks cut anywhere. */
function carry(trace: Trace, chunkBytes: number): Trace {
  const { header, columns } = encodeTrace(trace);
  const bytes = Buffer.concat(encodeControlFrame(header, columns));
  const reader = new ControlFrameReader();
  for (let start = 0; start < bytes.length; start += chunkBytes) {
    for (const frame of reader.push(bytes.subarray(start, start + chunkBytes)))
      return parseTrace(frame.header, frame.body);
  }
  return assert.fail('the frame never came whole');
}

test('a trace arrives as it left, NaN and big instants included', () => {
  fc.assert(
    fc.property(anyTrace, fc.integer({ min: 1, max: 5000 }), (trace, chunkBytes) => {
      // -0 has no JSON form; as a clock step it means 0.
      const wanted = { ...trace, clockStepNs: trace.clockStepNs === 0 ? 0 : trace.clockStepNs };
      assert.deepEqual(carry(trace, chunkBytes), wanted);
    }),
  );
});

test('the largest run with the largest train of a far end fits into one frame', () => {
  const count = CONTROL_LIMITS.runPackets;
  const [sample] = fc.sample(anyTrace, { seed: 1, numRuns: 1 }) as [Trace];
  const [farTrain] = fc.sample(anyFarTrain, { seed: 1, numRuns: 1 }) as [FarTrain];
  const lengthen = (table: object): object =>
    Object.fromEntries(
      Object.entries(table).map(([name, value]: [string, unknown]) => [
        name,
        ArrayBuffer.isView(value) ? new (value.constructor as new (length: number) => unknown)(count) : value,
      ]),
    );
  const largest = { ...lengthen(sample), count, farTrain: { ...lengthen(farTrain), count } } as Trace;
  const { header, columns } = encodeTrace(largest);
  const bytes = encodeControlFrame(header, columns).reduce((sum, part) => sum + part.length, 0);
  assert.ok(bytes > 100 * count, `${bytes} bytes: the table is shorter than it should be`);
  assert.ok(bytes <= CONTROL_LIMITS.replyBytes, `${bytes} bytes`);
});

test('a column more, less or elsewhere is no trace', () => {
  fc.assert(
    fc.property(anyTrace, (trace) => {
      const { header, columns } = encodeTrace(trace);
      const body = Buffer.concat(columns);
      const refuse = (fields: object, bytes: Uint8Array) =>
        assert.throws(() => parseTrace(fields, bytes), ProtocolError);
      refuse(header, Buffer.concat([body, Buffer.alloc(1)]));
      refuse({ ...header, count: trace.count + 1 }, body);
      refuse({ ...header, columns: TRACE_COLUMNS.toReversed() }, body);
    }),
  );
});

test('any JSON in the place of a header is a ProtocolError or a trace, never anything else', () => {
  const { header, columns } = encodeTrace(fc.sample(anyTrace, { seed: 1, numRuns: 1 })[0] as Trace);
  const body = Buffer.concat(columns);
  fc.assert(
    fc.property(fc.constantFrom(...Object.keys(header)), fc.jsonValue(), (name, value) => {
      try {
        parseTrace({ ...header, [name]: value }, body);
      } catch (error) {
        assert.ok(error instanceof ProtocolError, String(error));
      }
    }),
  );
});
