// Delays, dispersions and drops against figures computed by hand.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { planSchedule } from '../../../src/sequencer/schedule.js';
import { TRACE_FLAG } from '../../../src/model/trace.js';
import type { HopModel, TokenBucketModel } from '../../../src/simulator/path-model.js';
import { createSimulation, simulateTrace } from '../../../src/simulator/simulation.js';
import {
  buildBarePath,
  EXACT_STAMP_REFLECTOR,
  INSTANT_HOP,
  mapOfAnswers,
  sequenceOf,
  simulate,
  trainOf,
} from './bare-path.js';

/** Instants are doubles of some seconds in ns: 1e-3 ns is far above their rounding. */
const assertNs = (actual: number | undefined, expected: number, what: string): void =>
  assert.ok(Math.abs((actual ?? NaN) - expected) < 1e-3, `${what}: ${actual} ns, expected ${expected} ns`);

describe('a lone packet', () => {
  test('takes the sum of serialisation and propagation, out and back', () => {
    const forward: HopModel[] = [
      { rateBitsPerSec: 100e6, propagationNs: 1_000, queueBytes: 0, overheadBytes: 38 },
      { rateBitsPerSec: 2e6, propagationNs: 5e6, queueBytes: 0 },
    ];
    const reverse: HopModel[] = [{ rateBitsPerSec: 1e9, propagationNs: 7_000, queueBytes: 0 }];
    const trace = simulate(buildBarePath(forward, reverse), { kind: 'single', sizeBytes: 986 });
    // 1024 B at 100 Mb/s = 81.92 us; 1000 B at 2 Mb/s = 4 ms; 1000 B at 1 Gb/s = 8 us.
    const farRxNs = 81_920 + 1_000 + 4e6 + 5e6;
    assertNs(trace.txOffsetNs[0], 0, 'T1');
    assertNs(trace.farRxOffsetNs[0], farRxNs, 'T2');
    assertNs(trace.rxOffsetNs[0], farRxNs + 8_000 + 7_000, 'T4');
  });

  test('does so on any chain of hops', () => {
    const hop = fc.record({
      rateBitsPerSec: fc.integer({ min: 64_000, max: 10_000_000_000 }),
      propagationNs: fc.integer({ min: 0, max: 100_000_000 }),
      queueBytes: fc.constant(0),
      overheadBytes: fc.integer({ min: 0, max: 60 }),
    });
    const hops = fc.array(hop, { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(hops, hops, fc.integer({ min: 20, max: 9_000 }), (forward, reverse, sizeBytes) => {
        let expectedNs = 0;
        for (const { overheadBytes, rateBitsPerSec, propagationNs } of [...forward, ...reverse]) {
          expectedNs += ((sizeBytes + overheadBytes) * 8e9) / rateBitsPerSec + propagationNs;
        }
        const trace = simulate(buildBarePath(forward, reverse), { kind: 'single', sizeBytes });
        assertNs(trace.rxOffsetNs[0], expectedNs, 'round trip');
      }),
    );
  });

  test('is lost when its reply comes after the linger, and answered when it comes just in time', () => {
    const path = buildBarePath([{ ...INSTANT_HOP, propagationNs: 1e6 }], [{ ...INSTANT_HOP, propagationNs: 1e6 }]);
    const pattern = { kind: 'single', sizeBytes: 100 } as const;
    const answersWithin = (lingerNs: number): string => {
      const sequence = { ...sequenceOf(pattern), lingerNs };
      return mapOfAnswers(simulateTrace({ sequence, schedule: planSchedule(sequence), path, seed: 1, startNs: 0 }));
    };
    assert.equal(answersWithin(1_999_000), '0');
    assert.equal(answersWithin(2_001_000), '1');
  });

  test('ends a run in silence once an answer came, and after the whole linger without', () => {
    // 12 ms on the link for each; of four packets the queue takes two and refuses the last.
    const narrow = { rateBitsPerSec: 1e6, propagationNs: 3e6, queueBytes: 3_000, overheadBytes: 0 };
    const sequence = { ...sequenceOf(trainOf(4, 1_500)), quietNs: 50e6 };
    const run = { sequence, schedule: planSchedule(sequence), startNs: 0 };
    const { trace, endNs } = createSimulation(buildBarePath([INSTANT_HOP, narrow]), 1).run(run);
    assert.equal(mapOfAnswers(trace), '1110');
    // The other links take parts of the last nanosecond, and a run ends at a whole one.
    assert.equal(endNs, 39e6 + 50e6 + 1);
    const silent = buildBarePath([INSTANT_HOP, { ...narrow, mtu: { bytes: 500, sendsMessage: false } }]);
    assert.equal(createSimulation(silent, 1).run(run).endNs, sequence.lingerNs + 1);
  });

  test('is not given up in silence while a queue, a token bucket or a long way may still hold it', () => {
    const link = fc.record({
      rateBitsPerSec: fc.integer({ min: 100_000, max: 100_000_000 }),
      propagationNs: fc.integer({ min: 0, max: 600_000_000 }),
      queueBytes: fc.integer({ min: 0, max: 100_000 }),
      burstBytes: fc.integer({ min: 1_500, max: 100_000 }),
    });
    const train = fc.record({
      packets: fc.integer({ min: 1, max: 60 }),
      gapNs: fc.integer({ min: 0, max: 50_000_000 }),
    });
    fc.assert(
      fc.property(link, train, ({ rateBitsPerSec, queueBytes, propagationNs, burstBytes }, { packets, gapNs }) => {
        const tokenBucket = { kind: 'shaper', rateBitsPerSec, burstBytes, queueBytes } as const;
        const path = buildBarePath([{ ...INSTANT_HOP, propagationNs, tokenBucket }]);
        const answersWith = (listening: object): string => {
          const sequence = { ...sequenceOf(trainOf(packets, 1_500, gapNs)), ...listening };
          return mapOfAnswers(simulateTrace({ sequence, schedule: planSchedule(sequence), path, seed: 1, startNs: 0 }));
        };
        assert.equal(answersWith({ quietNs: 150e6 }), answersWith({}));
      }),
    );
  });

  test('comes back with one off its hop limit for each router on the way', () => {
    const path = buildBarePath([INSTANT_HOP], [INSTANT_HOP, INSTANT_HOP, INSTANT_HOP]);
    assert.deepEqual([...simulate(path, { kind: 'single', sizeBytes: 100 }).replyTtl], [62]);
  });

  test('keeps the far clock apart: whole seconds in the base, the rest in the stamps', () => {
    const far = { ...EXACT_STAMP_REFLECTOR, clockOffsetNs: -2_250_000_000 };
    const hop = { rateBitsPerSec: 8e9, propagationNs: 1_000, queueBytes: 0, overheadBytes: 0 };
    const trace = simulate(buildBarePath([hop], [hop], far), { kind: 'single', sizeBytes: 1000 });
    assert.equal(trace.farBaseNs - trace.baseNs, -3_000_000_000n);
    // 1 us of serialisation and 1 us of propagation, on a clock that is 0.75 s ahead of its base.
    assertNs(trace.farRxOffsetNs[0], 750_002_000, 'T2');
    assertNs(trace.farTxOffsetNs[0], 750_002_000, 'T3');
  });
});

describe('a train', () => {
  test('leaves the narrow link at its rate, wherever that link is', () => {
    const fast: HopModel = { rateBitsPerSec: 1e9, propagationNs: 100, queueBytes: 1e6 };
    const narrow: HopModel = { rateBitsPerSec: 10e6, propagationNs: 100, queueBytes: 1e6 };
    for (const hops of [
      [fast, narrow, fast],
      [fast, fast, narrow],
      [narrow, fast, fast],
    ]) {
      const trace = simulate(buildBarePath(hops), trainOf(50, 1500));
      const dispersionNs = (trace.farRxOffsetNs[49] ?? NaN) - (trace.farRxOffsetNs[0] ?? NaN);
      // 49 gaps of 1514 B at 10 Mb/s.
      assertNs(dispersionNs, 49 * 1_211_200, 'dispersion');
    }
  });

  test('is stamped when each packet begins to leave the port, not when it was handed over', () => {
    const port: HopModel = { rateBitsPerSec: 100e6, propagationNs: 0, queueBytes: 1e6 };
    const trace = simulate(buildBarePath([port]), trainOf(4, 986));
    for (let i = 0; i < 4; i += 1) assertNs(trace.txOffsetNs[i], i * 80_000, `T1 of packet ${i}`);
  });

  test('drops the tail of what does not fit the queue', () => {
    // 1 b per ns in, 0.1 b per ns out. Frames of 1000 B come every 8 us and take 80 us each; 3000 B may wait.
    // Packet 0 is served from 8 to 88, 1-3 wait; 4-9 (40 to 80 us) find the room full. Packet 10 comes at 88 us, as 1 leaves the
    // room: it fits. 11-19 come at 96-160 us; packet 2 begins at 168 us: all are dropped.
    const input: HopModel = { rateBitsPerSec: 1e9, propagationNs: 0, queueBytes: 1e6 };
    const narrow: HopModel = { rateBitsPerSec: 100e6, propagationNs: 0, queueBytes: 3_000 };
    const trace = simulate(buildBarePath([input, narrow]), trainOf(20, 986));
    assert.equal(mapOfAnswers(trace), '11110000001000000000');
    assertNs(trace.farRxOffsetNs[10], 8_000 + 5 * 80_000, 'the last to come through');
  });

  test('that overflows the own port is a local drop, not a loss', () => {
    const port: HopModel = { rateBitsPerSec: 100e6, propagationNs: 0, queueBytes: 2_000 };
    const trace = simulate(buildBarePath([port]), trainOf(5, 986));
    assert.equal(mapOfAnswers(trace), '11100');
    assert.deepEqual([...trace.flags.subarray(3)], [TRACE_FLAG.localDrop, TRACE_FLAG.localDrop]);
    assert.equal(trace.cost.packets, 3);
  });
});

describe('a token bucket of 10 frames at 10 Mb/s on a gigabit link', () => {
  const behindBucket = (tokenBucket: TokenBucketModel): HopModel[] => [
    INSTANT_HOP,
    { rateBitsPerSec: 1e9, propagationNs: 0, queueBytes: 1e6, tokenBucket },
  ];
  const bucket = { rateBitsPerSec: 10e6, burstBytes: 10_000 };

  test('as a shaper passes its burst at line rate and the rest at its own', () => {
    const hops = behindBucket({ kind: 'shaper', ...bucket, queueBytes: 1e6 });
    const trace = simulate(buildBarePath(hops), trainOf(40, 986));
    assert.equal(mapOfAnswers(trace), '1'.repeat(40));
    for (let i = 1; i < 40; i += 1) {
      const gapNs = (trace.farRxOffsetNs[i] ?? NaN) - (trace.farRxOffsetNs[i - 1] ?? NaN);
      // 8 us a frame at 1 Gb/s; 800 us at 10 Mb/s. The 11th waits for tokens since the first came at 0, and leaves at 800 us,
      // 720 us after the link sent the 10th.
      if (i < 10) assertNs(gapNs, 8_000, `gap before frame ${i}`);
      else if (i > 10) assertNs(gapNs, 800_000, `gap before frame ${i}`);
    }
  });

  test('as a shaper drops what does not fit its queue', () => {
    const hops = behindBucket({ kind: 'shaper', ...bucket, queueBytes: 5_000 });
    assert.equal(mapOfAnswers(simulate(buildBarePath(hops), trainOf(40, 986))), '1'.repeat(15) + '0'.repeat(25));
  });

  test('as a policer passes its burst, then one frame each time the tokens suffice, and delays nothing', () => {
    const hops = behindBucket({ kind: 'policer', ...bucket });
    // A frame each 200 us brings a quarter of a frame of tokens. Before frame n there are 10 + n/4 − (passed) tokens:
    // frames 0-12 pass (12: 10 + 3 − 12 = 1), then every fourth.
    const trace = simulate(buildBarePath(hops), trainOf(29, 986, 200_000));
    assert.equal(mapOfAnswers(trace), '1'.repeat(13) + '0001'.repeat(4));
    for (let i = 0; i < 29; i += 1) {
      if ((trace.arrival[i] ?? -1) < 0) continue;
      const delayNs = (trace.farRxOffsetNs[i] ?? NaN) - i * 200_000;
      assert.ok(Math.abs(delayNs - 8_000) < 1, `frame ${i} took ${delayNs} ns`);
    }
  });
});

describe('the far end', () => {
  const slow = { floorNs: 50_000, meanExtraNs: 0 };

  test('serves one packet at a time: a train comes back at its pace', () => {
    const trace = simulate(
      buildBarePath([INSTANT_HOP], [INSTANT_HOP], { kind: 'echo', processing: slow }),
      trainOf(5, 100),
    );
    for (let i = 0; i < 5; i += 1) assert.ok(Math.abs((trace.rxOffsetNs[i] ?? NaN) - (i + 1) * 50_000) < 1);
    assert.equal(trace.stamps.far, null);
    assert.ok(trace.farRxOffsetNs.every(Number.isNaN) && trace.farSequence.every((number) => number === -1));
  });

  test('with small replies answers any size with its own', () => {
    const far = { kind: 'small-reply', processing: slow, replySizeBytes: 56 } as const;
    const trace = simulate(buildBarePath([INSTANT_HOP], [INSTANT_HOP], far), trainOf(3, 1500));
    assert.deepEqual([...trace.replySizeBytes], [56, 56, 56]);
  });

  test('that is stateful counts what reached it, not what came back', () => {
    const lossy: HopModel = { ...INSTANT_HOP, loss: { kind: 'bernoulli', lossRatio: 0.3 } };
    const trace = simulate(buildBarePath([INSTANT_HOP, lossy], [lossy]), trainOf(400, 100), 8);
    const numbers = [...trace.farSequence].filter((number) => number >= 0);
    const gaps = numbers.slice(1).map((number, i) => number - (numbers[i] ?? NaN));
    assert.ok(gaps.every((gap) => gap >= 1));
    const lostForward = 400 - ((numbers.at(-1) ?? NaN) + 1);
    const lostReverse = gaps.reduce((sum, gap) => sum + gap - 1, numbers[0] ?? NaN);
    // 120 of 400 and 84 of 280 expected; five standard deviations are 46 and 38.
    assert.ok(Math.abs(lostForward - 120) < 46, `${lostForward} lost forward, seed 8`);
    assert.ok(Math.abs(lostReverse - 84) < 38, `${lostReverse} lost in reverse, seed 8`);
  });
});

describe('an MTU of 1400 at the second hop', () => {
  const narrow = (sendsMessage: boolean): HopModel[] => [
    INSTANT_HOP,
    { ...INSTANT_HOP, mtu: { bytes: 1400, sendsMessage } },
  ];
  const sizes = { kind: 'mixed-burst', bursts: 2, sizesBytes: [1400, 1401], spacingNs: 1e6 } as const;

  test('drops what is larger and says so', () => {
    const trace = simulate(buildBarePath(narrow(true)), sizes);
    assert.equal(mapOfAnswers(trace), '1010');
    assert.deepEqual(trace.messages, [
      { kind: 'packet-too-big', code: 4, from: '198.51.100.1', mtuBytes: 1400, count: 2 },
    ]);
    assert.equal(trace.flags[1], TRACE_FLAG.sent | TRACE_FLAG.errorReply);
  });

  test('lets it pass in fragments where it may be fragmented', () => {
    const link = { rateBitsPerSec: 8e9, propagationNs: 0, queueBytes: 0, mtu: { bytes: 1400, sendsMessage: true } };
    const sequence = sequenceOf({ kind: 'single', sizeBytes: 3000 }, false);
    const path = buildBarePath([INSTANT_HOP, link], [INSTANT_HOP]);
    const trace = simulateTrace({ sequence, schedule: planSchedule(sequence), path, seed: 1, startNs: 0 });
    // 2980 B of payload in 1376 + 1376 + 228: three IP headers of 20 B and three Ethernet headers of 14 B, 1 ns a byte.
    assert.ok(Math.abs((trace.farRxOffsetNs[0] ?? NaN) - 3_082) < 0.1, `${trace.farRxOffsetNs[0]} ns`);
  });

  test('drops it silently where the message is filtered', () => {
    const trace = simulate(buildBarePath(narrow(false)), sizes);
    assert.equal(mapOfAnswers(trace), '1010');
    assert.deepEqual(trace.messages, []);
    assert.equal(trace.flags[1], TRACE_FLAG.sent);
  });
});
