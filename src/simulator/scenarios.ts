// Named paths to examine without a network: what `apparenet simulate` offers and what tests share. Data only.
// Rates count frames (IP length + 14 bytes) on WAN hops and all bytes of the wire on Ethernet hops.
import { UsageError } from '../model/errors.js';
import type { LinkMode, PortFacts } from '../model/path.js';
import { NS_PER_MS, NS_PER_US } from '../model/units.js';
import { findNearestName } from './nearest-name.js';
import type {
  CrossTrafficModel,
  DelayModel,
  FarEndModel,
  HopModel,
  PathModel,
  ProbeModel,
  StampReflectorModel,
} from './path-model.js';

/** A path model with a name; it can be used wherever a path model can. */
export interface Scenario extends PathModel {
  readonly name: string;
  /** One line for a list of scenarios. */
  readonly description: string;
}

const MBIT = 1e6;
const GBIT = 1e9;
/** Preamble 8, header 14, FCS 4 and gap 12 bytes (IEEE 802.3). */
const ETHERNET_WIRE_OVERHEAD_BYTES = 38;

const fullDuplex = (speedBitsPerSec: number): LinkMode => ({ speedBitsPerSec, duplex: 'full' });
const GIGABIT_MODES = [fullDuplex(10 * MBIT), fullDuplex(100 * MBIT), fullDuplex(GBIT)];

const buildPort = (speedBitsPerSec: number): PortFacts => ({
  name: 'sim0',
  mtuBytes: 1500,
  linkUp: true,
  speedBitsPerSec,
  duplex: 'full',
  autoNegotiation: true,
  supportedModes: GIGABIT_MODES,
  advertisedModes: GIGABIT_MODES,
  partnerModes: GIGABIT_MODES,
});

/** A good machine with kernel stamps: about 1 us of noise each way. */
const buildProbe = (speedBitsPerSec: number): ProbeModel => ({
  port: buildPort(speedBitsPerSec),
  stampSource: 'kernel',
  txStamp: { noiseNs: 700, granularityNs: 1 },
  rxStamp: { noiseNs: 1 * NS_PER_US, granularityNs: 1 },
  sendLateness: { floorNs: 500, meanExtraNs: 2 * NS_PER_US },
});

const REFLECTION: DelayModel = { floorNs: 4 * NS_PER_US, meanExtraNs: 1 * NS_PER_US };

const STAMP_REFLECTOR: StampReflectorModel = {
  kind: 'stamp',
  processing: REFLECTION,
  stamp: { noiseNs: 1 * NS_PER_US, granularityNs: 1 },
  stampSource: 'kernel',
  clockOffsetNs: -3_217_000_441,
};

const buildEthernetHop = (rateBitsPerSec: number): HopModel => ({
  rateBitsPerSec,
  propagationNs: 500,
  queueBytes: 1_000_000,
  overheadBytes: ETHERNET_WIRE_OVERHEAD_BYTES,
  mtu: { bytes: 1500, sendsMessage: true },
});

const buildWanHop = (rateBitsPerSec: number, propagationNs: number): HopModel => ({
  rateBitsPerSec,
  propagationNs,
  queueBytes: 250_000,
  mtu: { bytes: 1500, sendsMessage: true },
});

interface Middle {
  readonly forward: readonly HopModel[];
  readonly reverse: readonly HopModel[];
  readonly far?: FarEndModel;
  readonly portBitsPerSec?: number;
}

/** The given hops between two Ethernet links, the probe's and the far end's. */
function buildPath({ forward, reverse, far = STAMP_REFLECTOR, portBitsPerSec = GBIT }: Middle): PathModel {
  const near = buildEthernetHop(portBitsPerSec);
  const last = buildEthernetHop(GBIT);
  return {
    probe: buildProbe(portBitsPerSec),
    forward: [near, ...forward, last],
    far,
    reverse: [last, ...reverse, near],
  };
}

const buildSymmetricPath = (hops: readonly HopModel[]): PathModel => buildPath({ forward: hops, reverse: hops });

const OFFICE_WAN = buildWanHop(100 * MBIT, 2 * NS_PER_MS);

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

const DEFINITIONS: Readonly<Record<string, readonly [description: string, path: PathModel]>> = {
  healthy: ['100 Mb/s to a site 2 ms away, nothing wrong', buildSymmetricPath([OFFICE_WAN])],
  'slow-link': ['a 2 Mb/s line, otherwise healthy', buildSymmetricPath([buildWanHop(2 * MBIT, 8 * NS_PER_MS)])],
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
  lossy: [
    '3 % of requests lost at random',
    buildPath({
      forward: [{ ...OFFICE_WAN, loss: { kind: 'bernoulli', lossRatio: 0.03 } }],
      reverse: [OFFICE_WAN],
    }),
  ],
  'bursty-loss': [
    '2 % of requests lost, in runs of four on average',
    buildPath({
      forward: [
        {
          ...OFFICE_WAN,
          loss: { kind: 'gilbert', goodToBad: 0.0051, badToGood: 0.25, goodLossRatio: 0, badLossRatio: 1 },
        },
      ],
      reverse: [OFFICE_WAN],
    }),
  ],
  shaped: [
    'a gigabit line shaped to 50 Mb/s each way behind a bucket of 64 kB',
    buildSymmetricPath([
      {
        ...buildWanHop(GBIT, 2 * NS_PER_MS),
        tokenBucket: { kind: 'shaper', rateBitsPerSec: 50 * MBIT, burstBytes: 64_000, queueBytes: 500_000 },
      },
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
  wireless: [
    'a wireless link: 60 Mb/s on average, in slots of 2 ms of which 5 % are sent again',
    buildSymmetricPath([
      {
        ...buildWanHop(600 * MBIT, 1 * NS_PER_MS),
        slots: { periodNs: 2 * NS_PER_MS, grantBytes: 15_000, retransmission: { ratio: 0.05, delayNs: 4 * NS_PER_MS } },
      },
    ]),
  ],
  remarked: [
    'a provider that clears the DSCP of what it carries, both ways',
    buildSymmetricPath([{ ...OFFICE_WAN, remark: { kind: 'clear-dscp' } }]),
  ],
  unreachable: [
    'a target that never answers',
    buildPath({ forward: [OFFICE_WAN], reverse: [OFFICE_WAN], far: { kind: 'silent' } }),
  ],
  'low-negotiation': [
    'a port that negotiated 100 Mb/s although both sides can do 1000',
    buildPath({
      forward: [buildWanHop(GBIT, 2 * NS_PER_MS)],
      reverse: [buildWanHop(GBIT, 2 * NS_PER_MS)],
      portBitsPerSec: 100 * MBIT,
    }),
  ],
};

export const SCENARIOS: Readonly<Record<string, Scenario>> = Object.fromEntries(
  Object.entries(DEFINITIONS).map(([name, [description, path]]) => [name, { name, description, ...path }]),
);

/** @throws UsageError that suggests the nearest name and lists all. */
export function findScenario(name: string): Scenario {
  const scenario = Object.hasOwn(SCENARIOS, name) ? SCENARIOS[name] : undefined;
  if (scenario) return scenario;
  const names = Object.keys(SCENARIOS);
  const nearest = findNearestName(name, names);
  const suggestion = nearest === null ? '' : ` Did you mean "${nearest}"?`;
  throw new UsageError('usage.argument', `No scenario "${name}".${suggestion} There are: ${names.join(', ')}.`);
}
