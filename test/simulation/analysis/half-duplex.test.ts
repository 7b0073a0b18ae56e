// Half duplex over drawn paths: hubs and ports that take turns, lines with a direction each, and what only looks like sharing.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PathDescription } from '../../../src/model/path.js';
import { createRandom } from '../../../src/model/random.js';
import type { Random } from '../../../src/model/random.js';
import type { Condition, Report } from '../../../src/model/report.js';
import { NS_PER_US } from '../../../src/model/units.js';
import type { FarEndModel, HopModel, PathModel, SharedLinkModel } from '../../../src/simulator/path-model.js';
import { buildNarrowPath, examine, PORT } from './examined-path.js';

const STAMP = {
  kind: 'stamp',
  processing: { floorNs: 3_000, meanExtraNs: 500 },
  stamp: { noiseNs: 1_000, granularityNs: 1 },
  stampSource: 'kernel',
  clockOffsetNs: -77e9,
  clockDriftPpm: 8,
} as const satisfies FarEndModel;
const RUNS = 8;

const drawLog = (random: Random, low: number, high: number): number => low * (high / low) ** random.uniform();

type Ends = 'echo' | 'stamp' | 'two boxes';
const ENDS: readonly Ends[] = ['echo', 'stamp', 'two boxes'];

function drawEnds(random: Random): Partial<PathModel> {
  const ends = ENDS[Math.floor(3 * random.uniform())] ?? 'echo';
  return ends === 'echo' ? {} : { far: ends === 'stamp' ? STAMP : { ...STAMP, sends: true } };
}

/** Both ways of the narrow hop, with a queue of 30 to 60 ms. */
function drawLink(random: Random, rateBitsPerSec: number): HopModel {
  const queueBytes = (rateBitsPerSec / 8) * (0.03 + 0.03 * random.uniform());
  return { rateBitsPerSec, propagationNs: drawLog(random, 50, NS_PER_US), queueBytes, overheadBytes: 38 };
}

interface Link {
  readonly there: HopModel;
  readonly back?: HopModel;
  readonly stations?: Pick<SharedLinkModel, 'near' | 'far'>;
  readonly isOwnPort?: true;
  /** Furthest target beyond the link, one way. */
  readonly mostUs?: number;
}

/** The link at the probe's port or behind a fast one, with the target up to 0.2 ms further on unless it says otherwise. */
function buildLinkPath(random: Random, { there, back = there, stations, isOwnPort, mostUs = 200 }: Link): PathModel {
  const beyond: HopModel = {
    rateBitsPerSec: 1e9,
    propagationNs: drawLog(random, 20, mostUs) * NS_PER_US,
    queueBytes: 1e6,
    overheadBytes: 38,
  };
  const base = buildNarrowPath({ narrow: there });
  const port: readonly HopModel[] = isOwnPort === true ? [] : [{ ...beyond, propagationNs: 500 }];
  return {
    ...base,
    ...drawEnds(random),
    forward: [...port, there, beyond],
    reverse: [beyond, back, ...port],
    ...(stations === undefined ? {} : { sharedLink: { forwardHop: port.length, reverseHop: 1, ...stations } }),
  };
}

function examineMany(
  seed: number,
  build: (random: Random) => PathModel,
  description: Partial<PathDescription> = {},
): Report[] {
  const random = createRandom(seed);
  return Array.from({ length: RUNS }, () => {
    const model = build(random);
    const least = model.far.kind === 'stamp' ? { minSizeBytes: 72 } : {};
    return examine(model, { seed: random.uint32(), description: { ...least, ...description } }).report;
  });
}

const conditionsOf = ({ findings }: Report): readonly Condition[] => findings.map(({ condition }) => condition);
const countNamed = (reports: readonly Report[], condition: Condition): number =>
  reports.filter((report) => conditionsOf(report).includes(condition)).length;
const tell = (reports: readonly Report[]): string =>
  reports.map((report) => `${report.summary} ${JSON.stringify([report.findings, report.alternatives])}`).join('\n');

const HALF = { near: 'half', far: 'half' } as const;

describe('half duplex', () => {
  for (const [seed, rate] of [
    [31, 10e6],
    [32, 100e6],
  ] as const) {
    it(`is named as a fact on a hub of ${rate / 1e6} Mb/s, raises no alarm, and is no bloated queue`, () => {
      const reports = examineMany(seed, (random) =>
        buildLinkPath(random, { there: drawLink(random, rate), stations: HALF }),
      );
      assert.ok(countNamed(reports, 'half-duplex') >= RUNS - 1, tell(reports));
      assert.equal(reports.filter(({ verdict }) => verdict === 'ok').length, RUNS, tell(reports));
      assert.equal(countNamed(reports, 'bufferbloat'), 0, tell(reports));
    });
  }

  it('raises no alarm however far behind the hub the target is', () => {
    const reports = examineMany(34, (random) => {
      const rate = random.uniform() < 0.5 ? 10e6 : 100e6;
      return buildLinkPath(random, { there: drawLink(random, rate), stations: HALF, mostUs: 40_000 });
    });
    assert.equal(reports.filter(({ verdict }) => verdict === 'ok').length, RUNS, tell(reports));
  });

  it('of the own port is told at the first hop where the neighbour says the same', () => {
    const port = { ...PORT, speedBitsPerSec: 100e6, duplex: 'half' } as const;
    const neighbour = {
      protocol: 'lldp',
      systemName: 'hub',
      portId: '3',
      portDescription: null,
      duplex: 'half',
      speedBitsPerSec: 100e6,
      autoNegotiationEnabled: null,
      nativeVlan: null,
      vlanIds: [],
      maxFrameBytes: null,
    } as const;
    const reports = examineMany(
      33,
      (random) => buildLinkPath(random, { there: drawLink(random, 100e6), stations: HALF, isOwnPort: true }),
      { port, neighbour },
    );
    const told = reports.flatMap(({ findings }) => findings.filter(({ condition }) => condition === 'half-duplex'));
    assert.equal(told.length, RUNS, tell(reports));
    assert.ok(told.every(({ where, severity }) => where.kind === 'first-hop' && severity === 'info'));
  });

  it('is none where each direction has its own rate, alike or not', () => {
    const reports = examineMany(41, (random) => {
      const rate = random.uniform() < 0.5 ? 10e6 : 100e6;
      const factor = random.uniform() < 0.5 ? 1 : drawLog(random, 0.1, 10);
      return buildLinkPath(random, {
        there: drawLink(random, rate),
        back: drawLink(random, factor * rate),
      });
    });
    assert.equal(countNamed(reports, 'half-duplex'), 0, tell(reports));
  });

  it('is none where one direction takes the time that a hub takes for both', () => {
    const reports = examineMany(42, (random) => {
      const rate = random.uniform() < 0.5 ? 10e6 : 100e6;
      const slow = drawLink(random, rate / 2);
      const fast = drawLink(random, 1e9);
      const isSlowThere = random.uniform() < 0.5;
      return buildLinkPath(random, { there: isSlowThere ? slow : fast, back: isSlowThere ? fast : slow });
    });
    assert.equal(countNamed(reports, 'half-duplex'), 0, tell(reports));
  });
});
