// Paths whose fault looks like another one to whoever leaves out a fact: each is told for what it is, and nothing else raises an alarm.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createRandom } from '../../../src/model/random.js';
import type { Random } from '../../../src/model/random.js';
import type { Report } from '../../../src/model/report.js';
import type { FarEndModel, HopModel, PathModel } from '../../../src/simulator/path-model.js';
import { drawLog } from './drawn-loss-paths.js';
import { buildNarrowPath, examine, PORT } from './examined-path.js';

const SEED = 20_261_124;
const PATHS = 4;
const ECHO: FarEndModel = { kind: 'echo', processing: { floorNs: 5_000, meanExtraNs: 500 } };
const BOX: FarEndModel = {
  kind: 'stamp',
  processing: { floorNs: 5_000, meanExtraNs: 500 },
  stamp: { noiseNs: 1_000, granularityNs: 1 },
  stampSource: 'kernel',
  clockOffsetNs: 3e9,
  clockDriftPpm: 5,
  sends: true,
};

function examineAll(draw: (random: Random) => PathModel): Report[] {
  const random = createRandom(SEED);
  return Array.from({ length: PATHS }, () => {
    const model = draw(createRandom(random.uint32()));
    return examine(model, { seed: random.uint32() }).report;
  });
}

const tell = (reports: readonly Report[]): string =>
  `seed ${SEED}: ${reports.map(({ findings }) => findings.map((f) => `${f.condition} ${f.probability}`).join('+') || 'ok').join(', ')}`;

const leads = ({ findings }: Report, condition: string): boolean => findings[0]?.condition === condition;

function alarmsBeside({ findings }: Report, expected: readonly string[]): number {
  return findings.filter(({ severity, condition }) => severity !== 'info' && !expected.includes(condition)).length;
}

describe('what looks like another fault', () => {
  it('a limit of answers on a slow line that others use is no bursty loss', () => {
    const reports = examineAll((random) => {
      const crossTraffic = { share: 0.15 + 0.15 * random.uniform(), sizeBytes: 1500 };
      const line: HopModel = { rateBitsPerSec: 2.4e6, propagationNs: 50e6, queueBytes: 16_000, crossTraffic };
      const replyLimit = { packetsPerSec: drawLog(random, 60, 100), burstPackets: 14 };
      const path = buildNarrowPath({ narrow: line, far: { ...ECHO, replyLimit } });
      return { ...path, reverse: [line] };
    });
    assert.ok(reports.filter((report) => leads(report, 'packet-rate-limit')).length >= PATHS - 1, tell(reports));
    assert.ok(
      reports.every((report) => alarmsBeside(report, []) === 0),
      tell(reports),
    );
  });

  it('a long queue of the way back is filled by who sends there, and told', () => {
    const reports = examineAll((random) => {
      const rateBitsPerSec = drawLog(random, 16e6, 28e6);
      const line: HopModel = { rateBitsPerSec, propagationNs: 8e6, queueBytes: Math.max(30e3, rateBitsPerSec / 160) };
      const queueBytes = (rateBitsPerSec / 8) * drawLog(random, 0.6, 2);
      const path = buildNarrowPath({ narrow: line, far: BOX });
      const port: HopModel = { rateBitsPerSec: 1e9, propagationNs: 500, queueBytes: 2e6 };
      return { ...path, reverse: [port, { ...line, queueBytes }] };
    });
    assert.ok(
      reports.every(({ findings }) => findings.some((f) => f.condition === 'bufferbloat' && f.direction === 'reverse')),
      tell(reports),
    );
  });

  it('a long queue of the way back that nobody here can fill is an alternative, and the report says why', () => {
    const reports = examineAll((random) => {
      const rateBitsPerSec = drawLog(random, 3e6, 28e6);
      const line: HopModel = { rateBitsPerSec, propagationNs: 8e6, queueBytes: Math.max(30e3, rateBitsPerSec / 160) };
      const path = buildNarrowPath({ narrow: line, far: ECHO });
      return { ...path, reverse: [{ ...line, queueBytes: rateBitsPerSec / 8 }] };
    });
    const isGiven = ({ alternatives, limits, verdict }: Report): boolean =>
      verdict === 'ok' &&
      alternatives.some(({ condition, probability }) => condition === 'bufferbloat' && probability >= 0.04) &&
      limits.some((limit) => limit.startsWith('How long the queue of the way back gets was not seen'));
    assert.ok(reports.every(isGiven), tell(reports));
  });

  it('a machine that others keep full is no congestion, and a link that others keep full with long frames no machine', () => {
    const [rateBitsPerSec, packetsPerSec] = [110e6, 2_400];
    const spells = { kind: 'on-off', meanOnNs: 80e6, periods: 'exponential' } as const;
    const line: HopModel = { rateBitsPerSec, propagationNs: 50e3, queueBytes: 400e3 };
    const build = (narrow: Partial<HopModel>): PathModel => {
      const path = buildNarrowPath({ narrow: { ...line, ...narrow }, far: { ...BOX, sends: false } });
      return { ...path, reverse: [line] };
    };
    const sizeBytes = [64, 1500].map((size) => ({ sizeBytes: size, share: 1 }));
    const machines = examineAll(() =>
      build({
        packetLimit: { packetsPerSec, queuePackets: 47 },
        crossTraffic: { ...spells, share: 0.2, peakShare: 0.6, sizeBytes },
      }),
    );
    assert.ok(
      machines.every((report) => leads(report, 'packet-rate-limit')),
      tell(machines),
    );
    const links = examineAll(() =>
      build({ crossTraffic: { ...spells, share: 0.91, peakShare: 1.6, sizeBytes: 1500 } }),
    );
    assert.ok(
      links.every((report) => leads(report, 'congestion')),
      tell(links),
    );
  });

  it('a host that takes some time more for some of its answers is no machine that others use', () => {
    const reports = examineAll((random) => {
      const processing = { floorNs: 8_000 + 12_000 * random.uniform(), meanExtraNs: drawLog(random, 3_000, 9_000) };
      const line: HopModel = { rateBitsPerSec: 1e9, propagationNs: drawLog(random, 50e3, 5e6), queueBytes: 500e3 };
      return buildNarrowPath({ narrow: line, far: { kind: 'echo', processing } });
    });
    assert.ok(
      reports.every(({ findings }) => findings.every(({ condition }) => condition !== 'packet-rate-limit')),
      tell(reports),
    );
  });

  it('a way back that is much slower is no half duplex, though few packets of a train come back', () => {
    const reports = examineAll((random) => {
      const line: HopModel = { rateBitsPerSec: drawLog(random, 60e6, 105e6), propagationNs: 300e3, queueBytes: 200e3 };
      const path = buildNarrowPath({ narrow: line, far: BOX });
      return { ...path, reverse: [{ ...line, rateBitsPerSec: line.rateBitsPerSec / drawLog(random, 12, 38) }] };
    });
    const names = reports.map(({ findings }) => findings.map(({ condition }) => condition));
    assert.ok(
      names.every((told) => told.includes('asymmetric-rate') && !told.includes('half-duplex')),
      tell(reports),
    );
  });

  it('a shaper of the way back is told by a reflector, too: short trains pass as they left, longer ones do not', () => {
    const reports = examineAll((random) => {
      const line: HopModel = { rateBitsPerSec: 42e6, propagationNs: 1.9e6, queueBytes: 150e3 };
      const rateBitsPerSec = line.rateBitsPerSec * (0.24 + 0.08 * random.uniform());
      const path = buildNarrowPath({ narrow: line, far: { ...BOX, sends: false } });
      const tokenBucket = { kind: 'shaper', rateBitsPerSec, burstBytes: 26e3, queueBytes: 140e3 } as const;
      return { ...path, reverse: [{ ...line, tokenBucket }] };
    });
    assert.ok(
      reports.every(({ findings }) => findings.some((f) => f.condition === 'shaper' && f.direction === 'reverse')),
      tell(reports),
    );
  });

  it('a queue of the way back that others keep full with long frames has no slots', () => {
    const line: HopModel = { rateBitsPerSec: 2e6, propagationNs: 1e6, queueBytes: 15_140 };
    const crossTraffic = {
      kind: 'on-off',
      share: 0.91,
      peakShare: 1.4,
      meanOnNs: 290e6,
      periods: 'exponential',
      sizeBytes: 1500,
    } as const;
    const reports = examineAll(() => ({
      ...buildNarrowPath({ narrow: line, far: ECHO }),
      reverse: [{ ...line, crossTraffic }],
    }));
    assert.ok(
      reports.every(({ findings }) => !findings.some(({ condition }) => condition === 'wireless-hop')),
      tell(reports),
    );
  });

  it('a long queue towards the target is told beside a way back that is so fast that no train of the far end shows its rate', () => {
    const reports = examineAll((random) => {
      const rateBitsPerSec = drawLog(random, 10e6, 24e6);
      const queueBytes = (rateBitsPerSec / 8) * drawLog(random, 0.3, 1);
      const path = buildNarrowPath({ narrow: { rateBitsPerSec, propagationNs: 100e3, queueBytes }, far: BOX });
      const fast: HopModel = { rateBitsPerSec: 2.4e9, propagationNs: 500, queueBytes: 4e6 };
      return { ...path, reverse: [fast] };
    });
    assert.ok(
      reports.every(({ findings }) => findings.some((f) => f.condition === 'bufferbloat' && f.direction === 'forward')),
      tell(reports),
    );
    assert.ok(
      reports.every(({ estimates }) => estimates.available.forward !== null),
      reports.map(({ limits }) => limits.join('; ')).join('\n'),
    );
  });

  it('what the own port counted as damaged is lost for nothing else', () => {
    const reports = examineAll((random) => {
      const others = (): NonNullable<HopModel['crossTraffic']> => ({
        kind: 'on-off',
        share: 0.2 + 0.15 * random.uniform(),
        sizeBytes: 1500,
        peakShare: 0.9,
        meanOnNs: drawLog(random, 30e6, 70e6),
        periods: 'exponential',
      });
      const line = (): HopModel => ({
        rateBitsPerSec: 4e6,
        propagationNs: 34e6,
        queueBytes: 26e3,
        crossTraffic: others(),
      });
      const path = { ...buildNarrowPath({ narrow: line(), far: BOX }), reverse: [line()] };
      const bitErrorRatio = drawLog(random, 5e-6, 1e-5);
      const damaging: HopModel = {
        rateBitsPerSec: 1e9,
        propagationNs: 500,
        queueBytes: 2e6,
        loss: { kind: 'bit-errors', bitErrorRatio },
      };
      return { ...path, probe: { ...path.probe, countsErrors: true }, reverse: [...path.reverse, damaging] };
    });
    assert.ok(
      reports.every((report) => alarmsBeside(report, ['port-errors', 'media-errors']) === 0),
      tell(reports),
    );
    assert.ok(
      reports.every((report) => leads(report, 'port-errors')),
      tell(reports),
    );
  });

  it('what a policer lets pass is lost at random beside it, and its drops make no damage of that', () => {
    const reports = examineAll((random) => {
      const rateBitsPerSec = drawLog(random, 8e6, 40e6);
      const tokenBucket = { kind: 'policer', rateBitsPerSec, burstBytes: drawLog(random, 20e3, 60e3) } as const;
      const policed: HopModel = { rateBitsPerSec: 1e9, propagationNs: 4e6, queueBytes: 2e6, tokenBucket };
      const lossy: HopModel = {
        rateBitsPerSec: 1e9,
        propagationNs: 1e6,
        queueBytes: 2e6,
        loss: { kind: 'bernoulli', lossRatio: drawLog(random, 0.015, 0.03) },
      };
      const path = buildNarrowPath({ narrow: policed, far: random.uniform() < 0.5 ? ECHO : BOX });
      return { ...path, forward: [...path.forward, lossy] };
    });
    assert.ok(
      reports.every(({ findings }) => findings.some((f) => f.condition === 'policer')),
      tell(reports),
    );
    assert.ok(
      reports.filter(({ findings }) => findings.some((f) => f.condition === 'random-loss')).length >= PATHS - 1,
      tell(reports),
    );
    assert.ok(
      reports.every((report) => alarmsBeside(report, ['policer', 'random-loss']) === 0),
      tell(reports),
    );
  });

  it('copies of packets take room of one direction, which is no slower for that', () => {
    const reports = examineAll((random) => {
      const line: HopModel = { rateBitsPerSec: drawLog(random, 50e6, 900e6), propagationNs: 1e5, queueBytes: 2e6 };
      const path = buildNarrowPath({ narrow: { ...line, duplicationRatio: 1 }, far: BOX });
      return { ...path, forward: [...path.forward, line], reverse: [line] };
    });
    assert.ok(
      reports.every(({ findings }) => findings.every((f) => f.condition === 'duplication')),
      tell(reports),
    );
  });

  it('a port that says half duplex is asked for collisions, however little delay grows with size', () => {
    const path = buildNarrowPath({ narrow: { rateBitsPerSec: 500e6, propagationNs: 2e6, queueBytes: 1e6 } });
    const port = { ...PORT, speedBitsPerSec: 100e6, duplex: 'half' } as const;
    const { phases } = examine({ ...path, probe: { ...path.probe, port } }, { seed: 5 });
    assert.ok(phases.includes('meet'), phases.join(', '));
    const others = examine(path, { seed: 5 }).phases;
    assert.ok(!others.includes('meet'), others.join(', '));
  });
});
