// The other end of a cable in words, as a person looks for it: system, port, then what it says of the link.
import { formatFigure, RATE } from '../model/figures.js';
import type { NeighbourFacts } from '../model/link-evidence.js';

/** `sw-1 port Gi0/3 (uplink), 100 Mb/s half, auto-negotiation off, VLAN 7`. */
export function describeNeighbour(neighbour: NeighbourFacts): string {
  const { systemName, portId, portDescription, nativeVlan, autoNegotiationEnabled } = neighbour;
  const name = [systemName ?? 'a system without a name', ...(portId === null ? [] : ['port', portId])].join(' ');
  const isNamedTwice = portDescription === null || portDescription === portId;
  return [
    isNamedTwice ? name : `${name} (${portDescription})`,
    ...describeLink(neighbour),
    ...(autoNegotiationEnabled === false ? ['auto-negotiation off'] : []),
    ...(nativeVlan === null ? [] : [`VLAN ${nativeVlan}`]),
  ].join(', ');
}

function describeLink({ speedBitsPerSec, duplex }: NeighbourFacts): string[] {
  const words = [
    ...(speedBitsPerSec === null ? [] : [formatFigure(speedBitsPerSec, RATE)]),
    ...(duplex ? [duplex] : []),
  ];
  return words.length === 0 ? [] : [words.join(' ')];
}
