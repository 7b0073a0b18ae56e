// Faults that each show in their own way: sizes, order, marks, rates, silence, and what the port itself tells.
import type { HopModel } from '../../../src/simulator/path-model.js';
import { BITS_PER_BYTE, NS_PER_MS, NS_PER_SEC } from '../../../src/model/units.js';
import { changeNarrow, describeCase } from './drawn-case.js';
import type { DrawCase } from './drawn-case.js';
import { describePort, drawBase, drawBetween, drawLog } from './drawn-base.js';

const FULL_FRAME_BYTES = 1518;

export const DIRECT_FAULT_CASES: Readonly<Record<string, DrawCase>> = {
  'size limit without a word, both ways': (random) => {
    const base = drawBase(random);
    const mtu = { bytes: Math.round(drawBetween(random, 1000, 1495)), sendsMessage: false };
    return describeCase(
      { ...base, narrow: { ...base.narrow, mtu }, narrowBack: { ...base.narrowBack, mtu } },
      { conditions: ['mtu-black-hole'] },
    );
  },

  'switch that drops long frames, one way': (random) => {
    const base = drawBase(random);
    const mtu = { bytes: Math.round(drawBetween(random, 1000, 1495)), sendsMessage: false, dropsWhole: true } as const;
    const isForward = random.uniform() < 0.5;
    const changed = isForward
      ? { ...base, narrow: { ...base.narrow, mtu } }
      : { ...base, narrowBack: { ...base.narrowBack, mtu } };
    return describeCase(changed, { conditions: ['mtu-mismatch'] });
  },

  reordering: (random) => {
    const detour = { ratio: drawLog(random, 0.02, 0.3), delayNs: drawLog(random, 0.3 * NS_PER_MS, 5 * NS_PER_MS) };
    return describeCase(changeNarrow(random, drawBase(random, { rates: [10e6, 1e9] }), { detour }), {
      conditions: ['reordering'],
      harmless: ['wireless-hop'],
    });
  },

  duplication: (random) => {
    const duplicationRatio = drawLog(random, 0.01, 0.3);
    return describeCase(changeNarrow(random, drawBase(random), { duplicationRatio }), { conditions: ['duplication'] });
  },

  'marks cleared': (random) => {
    const base = drawBase(random);
    const remark = { kind: 'clear-dscp' } as const;
    return describeCase(
      { ...base, narrow: { ...base.narrow, remark }, narrowBack: { ...base.narrowBack, remark } },
      { conditions: ['dscp-remark'] },
    );
  },

  'one way slower': (random) => {
    const base = drawBase(random, { rates: [20e6, 1e9], ends: 'two boxes', isQuiet: true });
    const slower: HopModel = { ...base.narrow, rateBitsPerSec: base.rateBitsPerSec / drawLog(random, 8, 40) };
    const isForward = random.uniform() < 0.5;
    return describeCase(isForward ? { ...base, narrow: slower } : { ...base, narrowBack: slower }, {
      conditions: ['asymmetric-rate'],
      harmless: ['bufferbloat'],
    });
  },

  'port below its ability': (random) => {
    const base = drawBase(random, { rates: [200e6, 1e9] });
    const able = describePort(1e9).supportedModes;
    const port = { ...describePort(100e6), supportedModes: able, advertisedModes: able, partnerModes: able };
    return describeCase(
      { ...base, portBitsPerSec: 100e6, probe: { ...base.probe, port } },
      { conditions: ['low-negotiation'] },
    );
  },

  'another route': (random) => {
    const base = drawBase(random, { isQuiet: true });
    const routeChange = {
      atNs: drawBetween(random, 1 * NS_PER_SEC, 4 * NS_PER_SEC),
      extraDelayNs: drawLog(random, 0.5 * NS_PER_MS, 20 * NS_PER_MS),
      extraHops: Math.floor(drawBetween(random, 0, 4)),
    };
    return describeCase(changeNarrow(random, base, { routeChange }), { conditions: ['route-change'] });
  },

  'own port with errors': (random) => {
    const base = drawBase(random);
    const bitErrorRatio = -Math.log1p(-drawLog(random, 0.02, 0.3)) / (BITS_PER_BYTE * FULL_FRAME_BYTES);
    const { model, ...rest } = describeCase(base, { conditions: ['port-errors'], harmless: ['media-errors'] });
    const last = model.reverse.length - 1;
    const reverse = model.reverse.map((hop, i) =>
      i === last ? { ...hop, loss: { kind: 'bit-errors', bitErrorRatio } as const } : hop,
    );
    return { ...rest, model: { ...model, reverse, probe: { ...model.probe, countsErrors: true } } };
  },

  'address claimed twice': (random) => {
    const base = drawBase(random);
    const addressConflict = { address: '192.0.2.1', linkAddresses: ['02:00:00:00:00:01', '02:00:00:00:00:02'] };
    return describeCase({ ...base, probe: { ...base.probe, addressConflict } }, { conditions: ['duplicate-address'] });
  },

  silence: (random) => describeCase({ ...drawBase(random), far: { kind: 'silent' } }, { conditions: ['unreachable'] }),
};
