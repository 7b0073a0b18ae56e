// Paths that delay: what is full, what holds too much, and media that are granted in slots.
import { NS_PER_MS } from '../../model/units.js';
import type { CrossTrafficModel, HopModel } from '../path-model.js';
import { buildPath, buildSymmetricPath, buildWanHop, MBIT, OFFICE_WAN } from './build-path.js';
import type { ScenarioGroup } from './build-path.js';

/** More than the line carries while it is on, for 100 ms on average. */
const FLOOD: CrossTrafficModel = {
  kind: 'on-off',
  share: 0.93,
  peakShare: 1.3,
  meanOnNs: 100 * NS_PER_MS,
  periods: 'exponential',
  sizeBytes: [
    { sizeBytes: 1500, share: 5 },
    { sizeBytes: 64, share: 1 },
  ],
};

const buildUplink = (queueNs: number): HopModel => ({
  ...buildWanHop(5 * MBIT, 8 * NS_PER_MS),
  queueBytes: (5 * MBIT * queueNs) / 8e9,
});

export const STRAINED_PATHS: ScenarioGroup = {
  congestion: [
    '20 Mb/s of which others want 93 %, at times more than there is: queues overflow',
    buildPath({
      forward: [{ ...buildWanHop(20 * MBIT, 4 * NS_PER_MS), queueBytes: 100_000, crossTraffic: FLOOD }],
      reverse: [buildWanHop(20 * MBIT, 4 * NS_PER_MS)],
    }),
  ],
  bufferbloat: [
    'a 5 Mb/s line whose queue holds 1.2 s of it each way',
    buildSymmetricPath([buildUplink(1_200 * NS_PER_MS)]),
  ],
  wireless: [
    'a wireless link: 60 Mb/s on average, in slots of 2 ms of which 5 % are sent again',
    buildSymmetricPath([
      {
        ...buildWanHop(600 * MBIT, 1 * NS_PER_MS),
        slots: { periodNs: 2 * NS_PER_MS, grantBytes: 15_000, retransmission: { ratio: 0.05, delayNs: 4 * NS_PER_MS } },
      },
    ]),
  ],
  'asymmetric-rate': [
    '100 Mb/s there and 6 Mb/s back',
    buildPath({ forward: [OFFICE_WAN], reverse: [{ ...buildWanHop(6 * MBIT, 2 * NS_PER_MS), queueBytes: 80_000 }] }),
  ],
};
