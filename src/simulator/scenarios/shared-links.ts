// Links of 10 and 100 Mb/s whose directions are one medium: hubs, mismatched stations, cables that are too long.
import { NS_PER_US } from '../../model/units.js';
import type { CrossTrafficModel, HopModel, PathModel, SharedLinkModel } from '../path-model.js';
import { buildEthernetHop, buildPath, buildPort, buildProbe, GBIT, MBIT, SWITCH_PORT } from './build-path.js';
import type { ScenarioGroup } from './build-path.js';

/** What others send each way over the link: a little, in packets of all lengths. */
const BACKGROUND: CrossTrafficModel = {
  share: 0.002,
  sizeBytes: [
    { sizeBytes: 1500, share: 1 },
    { sizeBytes: 576, share: 1 },
    { sizeBytes: 64, share: 2 },
  ],
};

const buildLink = (rateBitsPerSec: number, propagationNs: number): HopModel => ({
  ...buildEthernetHop(rateBitsPerSec),
  propagationNs,
  // 40 ms.
  queueBytes: rateBitsPerSec / 200,
  crossTraffic: BACKGROUND,
});

type Stations = Pick<SharedLinkModel, 'near' | 'far' | 'others'>;

/** Behind the probe's gigabit switch, with the target 0.2 ms further on. */
function buildInnerLink(link: HopModel, stations: Stations): PathModel {
  const campus = { ...buildEthernetHop(GBIT), propagationNs: 200 * NS_PER_US };
  const path = buildPath({ forward: [link, campus], reverse: [campus, link] });
  return { ...path, sharedLink: { forwardHop: 1, reverseHop: 2, ...stations } };
}

/** The probe negotiates, the switch does not and is set to full duplex: the probe must take half (IEEE 802.3, 28.2.3.1). */
function buildPortMismatch(): PathModel {
  const rateBitsPerSec = 100 * MBIT;
  const link = buildLink(rateBitsPerSec, 500);
  const campus = { ...buildEthernetHop(GBIT), propagationNs: 200 * NS_PER_US };
  const path = buildPath({ forward: [campus], reverse: [campus], portBitsPerSec: rateBitsPerSec });
  const neighbour = { ...SWITCH_PORT, speedBitsPerSec: rateBitsPerSec, autoNegotiationEnabled: false };
  const port = {
    ...buildPort(rateBitsPerSec),
    duplex: 'half',
    partnerModes: [{ speedBitsPerSec: rateBitsPerSec, duplex: 'half' }],
  } as const;
  return {
    ...path,
    probe: { ...buildProbe(rateBitsPerSec), port, neighbour },
    forward: [link, ...path.forward.slice(1)],
    reverse: [...path.reverse.slice(0, -1), link],
    sharedLink: { forwardHop: 0, reverseHop: path.reverse.length - 1, near: 'half', far: 'full' },
  };
}

export const SHARED_LINKS: ScenarioGroup = {
  'duplex-mismatch-far': [
    'a 100 Mb/s link whose far side is half duplex and whose near side is full',
    buildInnerLink(buildLink(100 * MBIT, 500), { near: 'full', far: 'half' }),
  ],
  'duplex-mismatch-near': [
    'a 100 Mb/s link whose near side is half duplex and whose far side is full',
    buildInnerLink(buildLink(100 * MBIT, 500), { near: 'half', far: 'full' }),
  ],
  'duplex-mismatch-port': [
    'the own port fell to half duplex: the switch is set to full and does not negotiate',
    buildPortMismatch(),
  ],
  'half-duplex': [
    'a hub of 10 Mb/s that others use a little, no fault',
    buildInnerLink(buildLink(10 * MBIT, 1_000), {
      near: 'half',
      far: 'half',
      others: { ...BACKGROUND, share: 0.05 },
    }),
  ],
  'overlong-half-duplex': [
    'half duplex at 100 Mb/s over 2 km of fibre, five times as long as it may be',
    buildInnerLink(buildLink(100 * MBIT, 10 * NS_PER_US), { near: 'half', far: 'half' }),
  ],
};
