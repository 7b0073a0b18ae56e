// A train of the far end on our side: how its pattern is asked for, what keeps it alive, and what is known of it afterwards.
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import fc from 'fast-check';
import { UsageError } from '../../../src/model/errors.js';
import type { Pattern, Sequence } from '../../../src/model/sequence.js';
import { putUint32, putUint64 } from '../../../src/packet/octets.js';
import { STAMP_TLV_HEADER_BYTES, type StampTlv } from '../../../src/packet/stamp-tlv.js';
import { MIN_TRAIN_PACKET_BYTES } from '../../../src/packet/stamp-train.js';
import { STAMP_PORTS } from '../../../src/packet/stamp.js';
import { collectFarTrain } from '../../../src/prober/native/collect-far-train.js';
import { FarEnd } from '../../../src/prober/native/far-end.js';
import {
  computeFarDurationNs,
  mergeDepartures,
  planControlPackets,
  planFarTrain,
  type FarPlan,
} from '../../../src/prober/native/far-train.js';
import { countRows, selectRows } from '../../../src/prober/native/select-rows.js';
import { createStampKind } from '../../../src/prober/native/stamp-kind.js';
import { planSchedule } from '../../../src/sequencer/schedule.js';
import { check } from '../packet/properties.js';
import { answerStamp, createHop } from './far-end.js';
import { createResult } from './run-result.js';

const MS = 1_000_000;
const TRAIN: Pattern = {
  kind: 'train',
  trains: 2,
  packetsPerTrain: 3,
  gapNs: MS,
  spacingNs: 40 * MS,
  sizeBytes: 1000,
};

function sequenceOf(pattern: Pattern): Sequence {
  return { id: 'far', pattern, dscp: 10, dontFragment: true, lingerNs: MS };
}

function plan(pattern: Pattern, ipVersion: 4 | 6 = 4): FarPlan {
  return planFarTrain(sequenceOf({ kind: 'single', sizeBytes: 100 }), pattern, ipVersion);
}

describe('the shape that is asked for', () => {
  test('UDP payload, bursts and gaps of each pattern of equal packets', () => {
    const shapes = [
      [{ kind: 'single', sizeBytes: 1000 }, [1, 1, 1, 0, 0]],
      [{ kind: 'isochronous', count: 7, intervalNs: MS, sizeBytes: 1000 }, [1, 7, 1, MS, 0]],
      [{ kind: 'pair', pairs: 5, spacingNs: MS, sizeBytes: 1000 }, [5, 2, 1, 0, MS]],
      [TRAIN, [2, 3, 1, MS, 40 * MS]],
      [
        {
          kind: 'chirp',
          chirps: 4,
          packetsPerChirp: 9,
          firstGapNs: MS,
          spreadFactor: 1.2,
          spacingNs: 2 * MS,
          sizeBytes: 1000,
        },
        [4, 9, 1.2, MS, 2 * MS],
      ],
    ] as const;
    for (const [pattern, expected] of shapes) {
      const { shape } = plan(pattern);
      assert.deepEqual(
        [shape.bursts, shape.packets, shape.spreadFactor, shape.firstGapNs, shape.spacingNs],
        expected,
        pattern.kind,
      );
      assert.deepEqual([shape.packetBytes, shape.trafficClass], [972, 40], pattern.kind);
    }
    assert.equal(plan(TRAIN, 6).shape.packetBytes, 952);
  });

  test('what the far end cannot send is refused', () => {
    const poisson = { kind: 'poisson', count: 5, meanIntervalNs: MS, sizeBytes: 1000, seed: 1 } as const;
    assert.throws(() => plan(poisson), UsageError);
    assert.throws(() => plan({ ...TRAIN, sizeBytes: 87 }), UsageError);
    assert.throws(() => plan({ ...TRAIN, sizeBytes: 107 }, 6), UsageError);
    assert.equal(plan({ ...TRAIN, sizeBytes: 88 }).shape.packetBytes, 60);
  });
});

describe('what is sent beside the schedule', () => {
  test('the far end is never left without a word for half a second, and is told to stop after its last packet', () => {
    check(fc.integer({ min: 1, max: 20_000 }), (lengthMs) => {
      const far = plan({ kind: 'isochronous', count: 2, intervalNs: lengthMs * MS, sizeBytes: 1000 });
      const controls = planControlPackets(far);
      const runs = controls.filter(({ operation }) => operation === 'run').map(({ offsetNs }) => offsetNs);
      const stops = controls.filter(({ operation }) => operation === 'stop').map(({ offsetNs }) => offsetNs);
      assert.ok(runs.length >= 3 && (runs[2] ?? Infinity) <= 50 * MS, 'a lost request does not cost the train');
      assert.ok(stops.length >= 2 && (stops[0] ?? 0) > lengthMs * MS);
      const all = [...runs, ...stops];
      // Two of them in a row may be lost.
      all.slice(3).forEach((offsetNs, i) => assert.ok(offsetNs - (all[i] ?? 0) < 500 * MS));
      assert.deepEqual(
        all,
        all.toSorted((a, b) => a - b),
      );
    });
  });

  test('every row and every control packet leaves once, in order of time', () => {
    check(fc.tuple(fc.nat(300), fc.nat(20)), ([count, gapMs]) => {
      const intervalNs = gapMs * MS;
      const schedule = planSchedule(sequenceOf({ kind: 'isochronous', count: count + 1, intervalNs, sizeBytes: 1000 }));
      const controls = planControlPackets(plan(TRAIN));
      const { what, offsetNs } = mergeDepartures(schedule, controls);
      const rows = [...what].filter((index) => index >= 0);
      assert.deepEqual(rows, [...Array(schedule.count).keys()]);
      const sent = [...what].filter((index) => index < 0).map((index) => -1 - index);
      assert.deepEqual(sent, [...controls.keys()]);
      what.forEach((index, i) => {
        const planned = index < 0 ? controls[-1 - index]?.offsetNs : schedule.offsetNs[index];
        assert.equal(offsetNs[i], planned);
        assert.ok(i === 0 || (offsetNs[i] ?? 0) >= (offsetNs[i - 1] ?? 0));
      });
    });
  });

  test('the rows of the schedule are found again among all that left', () => {
    const schedule = planSchedule(sequenceOf({ kind: 'isochronous', count: 3, intervalNs: 10 * MS, sizeBytes: 1000 }));
    const departures = mergeDepartures(schedule, planControlPackets(plan(TRAIN)));
    const sent = Array.from(departures.what, (index, i) => ({ atNs: i, status: index === 1 ? 2 : 1 }));
    const { tx, counters } = selectRows(createResult({ sent, came: [] }), departures);
    assert.deepEqual([...tx.status], [1, 2, 1]);
    const placeOf = (row: number): number => departures.what.indexOf(row);
    assert.deepEqual([tx.userNs[0], tx.userNs[2]], [placeOf(0), placeOf(2)]);
    assert.equal(counters.sent, 2);
    assert.equal(countRows(departures, placeOf(1)), 1);
    assert.equal(countRows(departures, departures.what.length), 3);
  });
});

describe('what came of it', () => {
  const HOP = createHop(4);
  const KIND = createStampKind(HOP, 3237);
  after(() => KIND.close());
  const RUN = 77;
  const IP_AND_UDP_BYTES = 28;
  const FAR_EPOCH_NS = 1_900_000_000_000_000_000n;
  const FLAGS = { unrecognized: false, malformed: false, integrityFailed: false };

  function reflect(tlvs: readonly StampTlv[], sentNs: bigint): Uint8Array {
    const channel = KIND.farChannel ?? assert.fail('STAMP has a channel');
    const link = { sourceMac: Uint8Array.of(2, 0, 0, 0, 0, 1), destinationMac: Uint8Array.of(2, 0, 0, 0, 0, 2) };
    const marks = { ttl: 64, trafficClass: 0, dontFragment: true, ipId: 0, sizeBytes: 132 };
    const envelope = { link, source: HOP.source, destination: HOP.target, ...marks };
    const { shape } = plan(TRAIN);
    const request = channel.encodeRequest(envelope, { operation: 'run', run: RUN, cookie: 5n, shape }, 1);
    return answerStamp(request.bytes, { sequence: 0, receivedNs: sentNs, sentNs, tlvs });
  }

  function packet(index: number, run = RUN, sizeBytes = 1000): Uint8Array {
    const data = new Uint8Array(12);
    data[0] = 4;
    putUint32(data, 4, run);
    putUint32(data, 8, index);
    const padding = new Uint8Array(sizeBytes - IP_AND_UDP_BYTES - MIN_TRAIN_PACKET_BYTES - STAMP_TLV_HEADER_BYTES);
    const tlvs = [
      { kind: 'other', type: 252, data, flags: FLAGS },
      { kind: 'extra-padding', data: padding, flags: FLAGS },
    ] as const;
    return reflect(tlvs, FAR_EPOCH_NS + BigInt(index * MS));
  }

  function answer(status: number, handedOver: number, flags = FLAGS): Uint8Array {
    const data = new Uint8Array(56);
    data[0] = 2;
    data[1] = status;
    putUint32(data, 4, RUN);
    putUint64(data, 8, 99n);
    putUint32(data, 48, handedOver);
    return reflect([{ kind: 'other', type: 252, data, flags }], FAR_EPOCH_NS);
  }

  function collect(frames: readonly Uint8Array[], farBaseNs = 0n): ReturnType<typeof collectFarTrain> {
    const result = createResult({ sent: [], came: frames.map((bytes, k) => ({ bytes, atNs: 100 * k + 1_000 })) });
    const channel = KIND.farChannel ?? assert.fail('STAMP has a channel');
    const way = { linkLayer: 'ethernet', stampPorts: STAMP_PORTS } as const;
    return collectFarTrain({
      result,
      rxNs: result.rx.kernelNs,
      channel,
      plan: plan(TRAIN),
      run: RUN,
      farBaseNs,
      ...way,
    });
  }

  test('a packet that did not come was lost if the far end says that it left, whoever overtook it', () => {
    const { train, cost, frames, cookie } = collect([packet(1), packet(0), answer(3, 6), packet(4), packet(4)]);
    assert.ok(train);
    assert.deepEqual([...train.isSent], [1, 1, 1, 1, 1, 1]);
    assert.deepEqual([...train.rxOffsetNs], [100, 0, NaN, NaN, 300, NaN]);
    assert.deepEqual([...train.sizeBytes], Array(6).fill(1000));
    assert.deepEqual([...train.burst], [0, 0, 0, 1, 1, 1]);
    assert.deepEqual([...train.plannedOffsetNs], [0, MS, 2 * MS, 42 * MS, 43 * MS, 44 * MS]);
    assert.deepEqual(cost, { packets: 6, bytes: 6 * 1014 });
    assert.equal(frames, 5);
    assert.equal(cookie, 99n);
  });

  test('departures are on the far clock, after the base of the trace or else of the first packet that came', () => {
    const own = collect([packet(1), packet(3)]);
    assert.equal(own.farBaseNs, FAR_EPOCH_NS + BigInt(MS));
    assert.deepEqual([...(own.train?.farTxOffsetNs ?? [])], [NaN, 0, NaN, 2 * MS, NaN, NaN]);
    const shared = collect([packet(1)], FAR_EPOCH_NS - 500n);
    assert.equal(shared.farBaseNs, FAR_EPOCH_NS - 500n);
    assert.equal(shared.train?.farTxOffsetNs[1], MS + 500);
  });

  test('without a report what came tells how much was sent at least', () => {
    const { train } = collect([packet(2), packet(9)]);
    assert.deepEqual([...(train?.isSent ?? [])], [1, 1, 1, 0, 0, 0]);
  });

  test('a packet of another size than was asked for is none of the train', () => {
    const { train } = collect([packet(0), packet(1, RUN, 900), packet(2)]);
    assert.deepEqual([...(train?.rxOffsetNs ?? [])], [0, NaN, 200, NaN, NaN, NaN]);
  });

  test('a cookie serves for trains that end while it is good', () => {
    let nowMs = 5_000;
    const channel = KIND.farChannel ?? assert.fail('STAMP has a channel');
    const way = { ipVersion: 4, linkLayer: 'ethernet', stampPorts: STAMP_PORTS } as const;
    const farEnd = new FarEnd({ channel, ...way, readMs: () => nowMs });
    const halfMinute = computeFarDurationNs(
      plan({ kind: 'isochronous', count: 30_000, intervalNs: MS, sizeBytes: 1000 }),
    );
    assert.equal(farEnd.isKnownFor(0), false);
    farEnd.learnCookie(createResult({ sent: [], came: [{ bytes: answer(1, 0), atNs: 1_000 }] }));
    assert.equal(farEnd.isKnownFor(halfMinute), true);
    // The reflector keeps it for a minute, and a train that is kept alive with an older one ends in the middle.
    nowMs += 31_000;
    assert.deepEqual([farEnd.isKnownFor(halfMinute), farEnd.isKnownFor(0)], [false, true]);
    nowMs += 29_000;
    assert.equal(farEnd.isKnownFor(0), false);
  });

  test('a far end that was busy, stopped before its first packet, or sent for another run, gave no train', () => {
    const busy = 6;
    assert.equal(collect([answer(busy, 0)]).train, null);
    assert.equal(collect([answer(4, 0)]).train, null);
    assert.equal(collect([packet(0, RUN - 1)]).train, null);
    assert.equal(collect([]).train, null);
    const { train, cookie } = collect([answer(3, 6, { ...FLAGS, unrecognized: true })]);
    assert.deepEqual([train, cookie], [null, null]);
  });
});
