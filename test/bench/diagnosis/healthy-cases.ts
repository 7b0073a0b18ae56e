// Paths that must not raise an alarm: healthy ones, and those that nearly look like a fault.
import { NS_PER_MS, NS_PER_US } from '../../../src/model/units.js';
import { changeNarrow, describeCase } from './drawn-case.js';
import type { DrawCase } from './drawn-case.js';
import { drawBase, drawBetween, drawLog, drawTraffic } from './drawn-base.js';

export const HEALTHY_CASES: Readonly<Record<string, DrawCase>> = {
  healthy: (random) => describeCase(drawBase(random), { conditions: [] }),

  // Below 0.1 %, the bound of ITU-T Y.1541.
  'light loss': (random) => {
    const loss = { kind: 'bernoulli', lossRatio: drawLog(random, 1e-5, 6e-4) } as const;
    return describeCase(changeNarrow(random, drawBase(random), { loss }), {
      conditions: [],
      harmless: ['random-loss'],
    });
  },

  jittery: (random) => {
    const jitter = { meanNs: drawLog(random, 0.3 * NS_PER_MS, 5 * NS_PER_MS), keepsOrder: true } as const;
    return describeCase(changeNarrow(random, drawBase(random), { jitter }), {
      conditions: [],
      harmless: ['wireless-hop'],
    });
  },

  // Used a lot, but not full.
  busy: (random) => {
    const crossTraffic = drawTraffic(random, drawBetween(random, 0.5, 0.75));
    return describeCase(changeNarrow(random, drawBase(random, { rates: [5e6, 1e9] }), { crossTraffic }), {
      conditions: [],
      harmless: ['congestion'],
    });
  },

  // Trains of ours overflow it; that is no fault of the path.
  'small queue': (random) => {
    const base = drawBase(random, { isQuiet: true, rates: [8e6, 1e9] });
    const queueBytes = Math.round(drawBetween(random, 8, 40) * 1514);
    return describeCase(changeNarrow(random, base, { queueBytes }), { conditions: [] });
  },

  'limits its answers': (random) => {
    const base = drawBase(random, { ends: 'echo' });
    if (base.far.kind === 'silent') return describeCase(base, { conditions: [] });
    const replyLimit = { packetsPerSec: drawLog(random, 50, 1000), burstPackets: Math.round(drawLog(random, 5, 60)) };
    const far = { ...base.far, replyLimit };
    return describeCase({ ...base, far }, { conditions: [], harmless: ['packet-rate-limit', 'slow-target'] });
  },

  'size limit that is told': (random) => {
    const base = drawBase(random);
    const mtu = { bytes: Math.round(drawBetween(random, 1280, 1492)), sendsMessage: true };
    return describeCase(
      { ...base, narrow: { ...base.narrow, mtu }, narrowBack: { ...base.narrowBack, mtu } },
      { conditions: [] },
    );
  },

  'no fragments pass': (random) => {
    const base = drawBase(random);
    return describeCase({ ...base, narrow: { ...base.narrow, dropsFragments: true } }, { conditions: [] });
  },

  'port that gathers packets': (random) => {
    const base = drawBase(random);
    const coalescing = {
      windowNs: drawLog(random, 10 * NS_PER_US, 200 * NS_PER_US),
      maxFrames: Math.round(drawLog(random, 8, 64)),
    };
    return describeCase(
      { ...base, probe: { ...base.probe, coalescing } },
      { conditions: [], harmless: ['probe-limited'] },
    );
  },

  'hub, half duplex': (random) => {
    const rate = random.uniform() < 0.5 ? 10e6 : 100e6;
    const base = drawBase(random, { rates: [rate, rate], isQuiet: true });
    const medium = {
      rateBitsPerSec: rate,
      propagationNs: drawLog(random, 50, 1 * NS_PER_US),
      queueBytes: rate / 160,
      overheadBytes: 38,
    };
    const model = { ...base, narrow: medium, narrowBack: medium };
    const middle = 1 + base.before.length;
    return describeCase(
      model,
      { conditions: [], harmless: ['half-duplex'] },
      { sharedLink: { forwardHop: middle, reverseHop: base.behind.length, near: 'half', far: 'half' } },
    );
  },
};
