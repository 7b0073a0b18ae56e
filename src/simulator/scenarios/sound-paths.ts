// Paths with nothing wrong: whatever is called a fault on them is a false alarm.
import { NS_PER_MS } from '../../model/units.js';
import type { CrossTrafficModel } from '../path-model.js';
import {
  buildEthernetHop,
  buildPath,
  buildSymmetricPath,
  buildWanHop,
  GBIT,
  MBIT,
  OFFICE_WAN,
  STAMP_REFLECTOR,
} from './build-path.js';
import type { ScenarioGroup } from './build-path.js';

/** Downloads that nearly fill the line, of 0.6 MB on average and some a hundred times longer. */
const OFFICE_BURSTS: CrossTrafficModel = {
  kind: 'on-off',
  share: 0.5,
  peakShare: 0.9,
  meanOnNs: 50 * NS_PER_MS,
  periods: 'pareto',
  sizeBytes: [
    { sizeBytes: 1500, share: 3 },
    { sizeBytes: 64, share: 1 },
  ],
};

export const SOUND_PATHS: ScenarioGroup = {
  healthy: ['100 Mb/s to a site 2 ms away, nothing wrong', buildSymmetricPath([OFFICE_WAN])],
  'slow-link': [
    'a 2 Mb/s line with a queue of 120 ms, nothing wrong',
    buildSymmetricPath([{ ...buildWanHop(2 * MBIT, 8 * NS_PER_MS), queueBytes: 30_000 }]),
  ],
  'fast-link': [
    'switched gigabit Ethernet: 984 Mb/s in frames of 1514 bytes, nothing wrong',
    buildSymmetricPath([buildEthernetHop(GBIT)]),
  ],
  'long-path': [
    'eight hops across an ocean, 500 Mb/s, 140 ms there and back, nothing wrong',
    buildSymmetricPath([
      buildWanHop(GBIT, 1 * NS_PER_MS),
      buildWanHop(10 * GBIT, 4 * NS_PER_MS),
      buildWanHop(10 * GBIT, 60 * NS_PER_MS),
      buildWanHop(10 * GBIT, 3 * NS_PER_MS),
      buildWanHop(GBIT, 1 * NS_PER_MS),
      buildWanHop(500 * MBIT, 1 * NS_PER_MS),
    ]),
  ],
  'jittery-healthy': [
    '100 Mb/s with 30 % other traffic and 0.5 ms of jitter each way, no fault',
    buildSymmetricPath([
      {
        ...OFFICE_WAN,
        crossTraffic: { share: 0.3, sizeBytes: 1500 },
        jitter: { meanNs: 0.5 * NS_PER_MS, keepsOrder: true },
      },
    ]),
  ],
  'two-boxes': [
    '100 Mb/s between two boxes of ours: the far one sends trains of its own',
    buildPath({ forward: [OFFICE_WAN], reverse: [OFFICE_WAN], far: { ...STAMP_REFLECTOR, sends: true } }),
  ],
  busy: [
    '100 Mb/s, half of it taken by bursts of other traffic each way',
    buildSymmetricPath([{ ...OFFICE_WAN, crossTraffic: OFFICE_BURSTS }]),
  ],
  'fair-queue': [
    '20 Mb/s with deep queues that are fair to flows',
    buildSymmetricPath([{ ...buildWanHop(20 * MBIT, 5 * NS_PER_MS), queueing: 'fair' }]),
  ],
};
