// Faults that show in what is lost or late under load, drawn from wide ranges. The least of each is what a person would still want
// to be told of.
import type { Random } from '../../../src/model/random.js';
import type { Condition } from '../../../src/model/report.js';
import { BITS_PER_BYTE, NS_PER_MS, NS_PER_SEC, NS_PER_US } from '../../../src/model/units.js';
import type { CrossTrafficModel, HopModel, SharedLinkModel } from '../../../src/simulator/path-model.js';
import { changeNarrow, describeCase } from './drawn-case.js';
import type { DrawCase, DrawnCase } from './drawn-case.js';
import { describePort, drawBase, drawBetween, drawLog, drawTraffic, pick, WIRE_OVERHEAD_BYTES } from './drawn-base.js';
import type { DrawnBase } from './drawn-base.js';

/** A shared link of 10 or 100 Mb/s at the probe's own port or further on, with a little traffic of others on it. */
function drawSharedLink(
  random: Random,
  stations: Pick<SharedLinkModel, 'near' | 'far'>,
  facts: Omit<DrawnCase, 'ends' | 'model'>,
  propagationNs = drawLog(random, 30, 1 * NS_PER_US),
): DrawnCase {
  const rateBitsPerSec = pick(random, [10e6, 100e6, 100e6]);
  const base = drawBase(random, { rates: [rateBitsPerSec, rateBitsPerSec], isQuiet: true });
  const background = (): CrossTrafficModel => drawTraffic(random, drawLog(random, 5e-4, 0.05));
  const drawStation = (): HopModel => ({
    rateBitsPerSec,
    propagationNs,
    queueBytes: rateBitsPerSec / 160,
    overheadBytes: WIRE_OVERHEAD_BYTES,
    ...(random.uniform() < 0.7 ? { crossTraffic: background() } : {}),
  });
  const [near, far] = [drawStation(), drawStation()];
  const { narrow, narrowBack, behind, before } = base;
  const isOwnPort = random.uniform() < 0.3;
  const wan = (hop: HopModel): HopModel => ({
    ...hop,
    rateBitsPerSec: Math.max(rateBitsPerSec * 2, 200e6),
    queueBytes: 1e6,
  });
  if (!isOwnPort) {
    // The distance stays: a hop of its own behind the link.
    const changed = { ...base, narrow: near, narrowBack: far, behind: [wan(narrow), ...behind] };
    const sharedLink = { forwardHop: 1 + before.length, reverseHop: behind.length + 1, ...stations };
    return describeCase(changed, facts, { sharedLink });
  }
  const changed = { ...base, before: [wan(narrow), ...before], narrow: wan(narrow), narrowBack: wan(narrowBack) };
  const { model, ...rest } = describeCase(changed, facts);
  const port = { ...describePort(rateBitsPerSec), duplex: stations.near };
  const last = model.reverse.length - 1;
  return {
    ...rest,
    model: {
      ...model,
      probe: { ...model.probe, port: { ...port, autoNegotiation: stations.near === 'half', partnerModes: null } },
      forward: [near, ...model.forward.slice(1)],
      reverse: [...model.reverse.slice(0, last), far],
      sharedLink: { forwardHop: 0, reverseHop: last, ...stations },
    },
  };
}

const FULL_FRAME_BYTES = 1514;

/** What limits one way only makes the two differ. */
function describeLimited(base: DrawnBase, condition: Condition): DrawnCase {
  const [there, back] = [base.narrow, base.narrowBack].map(
    ({ tokenBucket, packetLimit }) => tokenBucket !== undefined || packetLimit !== undefined,
  );
  return describeCase(base, { conditions: [condition], ...(there === back ? {} : { harmless: ['asymmetric-rate'] }) });
}

/** Hosts are known to take up to so long for each answer, one after the other. */
const LONGEST_ANSWER_NS = 60e3;

/** To who hears only echoes, a machine that nobody else uses looks like a target that answers as slowly. */
function isHiddenByHost({ ends, narrow, narrowBack }: DrawnBase): boolean {
  const limited = [narrow, narrowBack].filter(({ packetLimit }) => packetLimit !== undefined);
  return (
    ends === 'echo' &&
    limited.every(
      ({ packetLimit, crossTraffic }) =>
        NS_PER_SEC / (packetLimit?.packetsPerSec ?? 1) < LONGEST_ANSWER_NS && crossTraffic === undefined,
    )
  );
}

const drawBurst = (random: Random): number => Math.round(drawLog(random, 8e3, 300e3));

export const LOAD_FAULT_CASES: Readonly<Record<string, DrawCase>> = {
  'duplex mismatch, near side half': (random) =>
    drawSharedLink(random, { near: 'half', far: 'full' }, { conditions: ['duplex-mismatch'], halfSide: 'near' }),

  'duplex mismatch, far side half': (random) =>
    drawSharedLink(random, { near: 'full', far: 'half' }, { conditions: ['duplex-mismatch'], halfSide: 'far' }),

  'half duplex, cable too long': (random) =>
    drawSharedLink(
      random,
      { near: 'half', far: 'half' },
      { conditions: ['overlong-half-duplex'], harmless: ['half-duplex'] },
      drawLog(random, 30 * NS_PER_US, 200 * NS_PER_US),
    ),

  'random loss': (random) => {
    const loss = { kind: 'bernoulli', lossRatio: drawLog(random, 0.006, 0.2) } as const;
    return describeCase(changeNarrow(random, drawBase(random), { loss }), { conditions: ['random-loss'] });
  },

  'bursty loss': (random) => {
    const [ratio, run] = [drawLog(random, 0.01, 0.1), drawLog(random, 3, 20)];
    const loss = {
      kind: 'gilbert',
      goodToBad: ratio / (run * (1 - ratio)),
      badToGood: 1 / run,
      goodLossRatio: 0,
      badLossRatio: 1,
    } as const;
    return describeCase(changeNarrow(random, drawBase(random), { loss }), { conditions: ['bursty-loss'] });
  },

  // From 2 to 40 % of full packets, and hardly any small one.
  'bit errors': (random) => {
    const bitErrorRatio = -Math.log1p(-drawLog(random, 0.02, 0.4)) / (BITS_PER_BYTE * FULL_FRAME_BYTES);
    const loss = { kind: 'bit-errors', bitErrorRatio } as const;
    return describeCase(changeNarrow(random, drawBase(random), { loss }), { conditions: ['media-errors'] });
  },

  'machine that counts packets': (random) => {
    const base = drawBase(random, { rates: [50e6, 1e9] });
    // Full packets at this rate stay below the narrow hop.
    const most = base.rateBitsPerSec / (BITS_PER_BYTE * FULL_FRAME_BYTES);
    const packetLimit = {
      packetsPerSec: most * drawBetween(random, 0.15, 0.6),
      queuePackets: Math.round(drawLog(random, 10, 150)),
    };
    const changed = changeNarrow(random, base, { packetLimit });
    const drawn = describeLimited(changed, 'packet-rate-limit');
    return isHiddenByHost(changed) ? { ...drawn, inseparableFrom: 'none' } : drawn;
  },

  'target that stalls': (random) => {
    const base = drawBase(random, { isQuiet: true });
    const stalls = { ratio: drawLog(random, 0.03, 0.3), meanNs: drawLog(random, 5 * NS_PER_MS, 50 * NS_PER_MS) };
    const far = base.far.kind === 'silent' ? base.far : { ...base.far, stalls };
    // Where it stamps, its own time is taken out and harms nobody.
    return describeCase(
      { ...base, far },
      base.ends === 'echo' ? { conditions: ['slow-target'] } : { conditions: [], harmless: ['slow-target'] },
    );
  },

  policer: (random) => {
    const base = drawBase(random, { rates: [10e6, 1e9] });
    const rateBitsPerSec = Math.max(2e6, base.rateBitsPerSec * drawBetween(random, 0.1, 0.7));
    const tokenBucket = { kind: 'policer', rateBitsPerSec, burstBytes: drawBurst(random) } as const;
    return describeLimited(changeNarrow(random, base, { tokenBucket }), 'policer');
  },

  shaper: (random) => {
    const base = drawBase(random, { rates: [10e6, 1e9] });
    const rateBitsPerSec = Math.max(2e6, base.rateBitsPerSec * drawBetween(random, 0.1, 0.7));
    const queueBytes = Math.max(15_140, (rateBitsPerSec / 8) * drawLog(random, 0.03, 0.09));
    const burstBytes = Math.max(16e3, drawBurst(random));
    const tokenBucket = { kind: 'shaper', rateBitsPerSec, burstBytes, queueBytes } as const;
    return describeLimited(changeNarrow(random, base, { tokenBucket }), 'shaper');
  },

  congestion: (random) => {
    const crossTraffic: CrossTrafficModel = {
      kind: 'on-off',
      share: drawBetween(random, 0.85, 0.97),
      sizeBytes: 1500,
      peakShare: drawBetween(random, 1.1, 2),
      meanOnNs: drawLog(random, 20 * NS_PER_MS, 300 * NS_PER_MS),
      periods: 'exponential',
    };
    const base = changeNarrow(random, drawBase(random, { rates: [2e6, 300e6] }), { crossTraffic });
    return describeCase(base, { conditions: ['congestion'], harmless: ['bufferbloat'] });
  },

  bufferbloat: (random) => {
    const base = drawBase(random, { rates: [1e6, 20e6], isQuiet: true });
    const queueBytes = (base.rateBitsPerSec / 8) * drawLog(random, 0.6, 3);
    const changed = changeNarrow(random, base, { queueBytes });
    // A line as fast there as back: what is sent from here, and its answers, come to the queue of the way back no faster than it drains.
    const isUnreached = base.ends !== 'two boxes' && changed.narrow.queueBytes !== queueBytes;
    return describeCase(changed, { conditions: ['bufferbloat'], ...(isUnreached ? { inseparableFrom: 'none' } : {}) });
  },

  'slotted link': (random) => {
    const base = drawBase(random, { rates: [10e6, 300e6], isQuiet: true });
    const periodNs = drawLog(random, 1 * NS_PER_MS, 8 * NS_PER_MS);
    const grantBytes = Math.max(4_000, (base.rateBitsPerSec * periodNs) / (8 * NS_PER_SEC));
    const slots = {
      periodNs,
      grantBytes,
      retransmission: { ratio: drawBetween(random, 0.01, 0.1), delayNs: periodNs * drawBetween(random, 1, 2) },
    };
    const change = { rateBitsPerSec: base.rateBitsPerSec * drawBetween(random, 3, 10), slots };
    return describeCase(
      { ...base, narrow: { ...base.narrow, ...change }, narrowBack: { ...base.narrowBack, ...change } },
      { conditions: ['wireless-hop'] },
    );
  },
};
