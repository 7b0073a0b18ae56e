// Faults of the probe's own port and link, where local facts tell of them.
import { NS_PER_MS } from '../../model/units.js';
import type { PathModel, ProbeModel } from '../path-model.js';
import {
  buildEthernetHop,
  buildPath,
  buildPort,
  buildProbe,
  buildWanHop,
  GBIT,
  MBIT,
  OFFICE_WAN,
  SWITCH_PORT,
} from './build-path.js';
import type { ScenarioGroup } from './build-path.js';

const withProbe = (path: PathModel, probe: Partial<ProbeModel>): PathModel => ({
  ...path,
  probe: { ...path.probe, ...probe },
});
const OFFICE = buildPath({ forward: [OFFICE_WAN], reverse: [OFFICE_WAN] });
const SLOWER_PATH = buildPath({
  forward: [buildWanHop(GBIT, 2 * NS_PER_MS)],
  reverse: [buildWanHop(GBIT, 2 * NS_PER_MS)],
  portBitsPerSec: 100 * MBIT,
});

export const PORT_FAULTS: ScenarioGroup = {
  'low-negotiation': ['a port that negotiated 100 Mb/s although both sides can do 1000', SLOWER_PATH],
  'port-errors': [
    'a bad cable at the own port: 5 % of full frames come in broken, and are counted',
    withProbe(
      {
        ...OFFICE,
        reverse: [
          ...OFFICE.reverse.slice(0, -1),
          { ...buildEthernetHop(GBIT), loss: { kind: 'bit-errors', bitErrorRatio: 4e-6 } },
        ],
      },
      { neighbour: SWITCH_PORT },
    ),
  ],
  'vlan-mismatch': [
    'the port sends VLAN 12 tagged, the switch knows 1, 20 and 30: nobody answers',
    withProbe(OFFICE, {
      port: { ...buildPort(GBIT), name: 'sim0.12', vlanId: 12, parent: { name: 'sim0', mtuBytes: 1500 } },
      neighbour: SWITCH_PORT,
      taggedVlanIds: [20, 30],
      hasNoNextHop: true,
    }),
  ],
  'duplicate-address': [
    'two machines claim the address of the next hop, so that packets go astray for a while',
    withProbe(
      {
        ...OFFICE,
        forward: [
          {
            ...buildEthernetHop(GBIT),
            loss: { kind: 'gilbert', goodToBad: 0.002, badToGood: 0.01, goodLossRatio: 0, badLossRatio: 1 },
          },
          ...OFFICE.forward.slice(1),
        ],
      },
      {
        neighbour: SWITCH_PORT,
        addressConflict: {
          address: '192.0.2.254',
          linkAddresses: ['02:00:5e:10:00:01', '02:00:5e:10:00:02'],
        },
      },
    ),
  ],
  'probe-limited': [
    'a probe that gets 200 Mb/s out of its gigabit port, on a path that carries it all',
    withProbe(buildPath({ forward: [buildWanHop(GBIT, 1 * NS_PER_MS)], reverse: [buildWanHop(GBIT, 1 * NS_PER_MS)] }), {
      ...buildProbe(GBIT),
      sendCeiling: { packetsPerSec: 40_000, bitsPerSec: 200 * MBIT },
    }),
  ],
};
