// Paths and targets that carry or answer less than their links could: by bytes, by packets, by length.
import { NS_PER_MS } from '../../model/units.js';
import type { FarEndModel, HopModel, PathModel, TokenBucketModel } from '../path-model.js';
import { buildPath, buildSymmetricPath, buildWanHop, GBIT, MBIT, OFFICE_WAN, REFLECTION } from './build-path.js';
import type { ScenarioGroup } from './build-path.js';

const withBucket = (lineBitsPerSec: number, tokenBucket: TokenBucketModel): HopModel => ({
  ...buildWanHop(lineBitsPerSec, 2 * NS_PER_MS),
  tokenBucket,
});

const toTarget = (far: FarEndModel): PathModel => buildPath({ forward: [OFFICE_WAN], reverse: [OFFICE_WAN], far });

/** A switch in the way that takes shorter frames than the routers around it. */
const SHORT_SWITCH: HopModel = { ...OFFICE_WAN, mtu: { bytes: 1400, sendsMessage: false, dropsWhole: true } };

export const LIMITED_PATHS: ScenarioGroup = {
  shaped: [
    'a gigabit line shaped to 50 Mb/s each way behind a bucket of 64 kB',
    buildSymmetricPath([
      withBucket(GBIT, { kind: 'shaper', rateBitsPerSec: 50 * MBIT, burstBytes: 64_000, queueBytes: 500_000 }),
    ]),
  ],
  shaper: [
    'a 100 Mb/s line whose sending is shaped to 20 Mb/s behind a bucket of 100 kB',
    buildPath({
      forward: [
        withBucket(100 * MBIT, {
          kind: 'shaper',
          rateBitsPerSec: 20 * MBIT,
          burstBytes: 100_000,
          queueBytes: 250_000,
        }),
      ],
      reverse: [OFFICE_WAN],
    }),
  ],
  policer: [
    'a gigabit line policed to 50 Mb/s each way with a bucket of 64 kB',
    buildSymmetricPath([withBucket(GBIT, { kind: 'policer', rateBitsPerSec: 50 * MBIT, burstBytes: 64_000 })]),
  ],
  'policer-10': [
    'a 100 Mb/s line whose sending is policed to 10 Mb/s with a bucket of 32 kB',
    buildPath({
      forward: [withBucket(100 * MBIT, { kind: 'policer', rateBitsPerSec: 10 * MBIT, burstBytes: 32_000 })],
      reverse: [OFFICE_WAN],
    }),
  ],
  'packet-rate-limit': [
    'a router that handles 4000 packets a second, whatever their length',
    buildSymmetricPath([{ ...OFFICE_WAN, packetLimit: { packetsPerSec: 4_000, queuePackets: 40 } }]),
  ],
  'icmp-limit': [
    'a target that answers 100 echo requests a second, no fault of the path',
    toTarget({ kind: 'echo', processing: REFLECTION, replyLimit: { packetsPerSec: 100, burstPackets: 20 } }),
  ],
  'slow-target': [
    'a target that is busy with something else for 15 ms on average at one request of ten',
    toTarget({ kind: 'echo', processing: REFLECTION, stalls: { ratio: 0.1, meanNs: 15 * NS_PER_MS } }),
  ],
  'sleeping-target': [
    'a target that sleeps for 60 of each 100 ms and answers when it wakes',
    toTarget({
      kind: 'echo',
      processing: REFLECTION,
      sleep: { periodNs: 100 * NS_PER_MS, sleepNs: 60 * NS_PER_MS },
    }),
  ],
  'mtu-black-hole': [
    'packets longer than 1400 bytes vanish both ways without a word',
    buildSymmetricPath([{ ...OFFICE_WAN, mtu: { bytes: 1400, sendsMessage: false } }]),
  ],
  'mtu-mismatch': [
    'a switch on the way there drops frames of packets longer than 1400 bytes; back they pass',
    buildPath({ forward: [SHORT_SWITCH], reverse: [OFFICE_WAN] }),
  ],
  'small-queue': [
    '100 Mb/s behind a queue of 20 full frames, no fault: bursts of ours overflow it',
    buildSymmetricPath([{ ...OFFICE_WAN, queueBytes: 20 * 1_514 }]),
  ],
};
