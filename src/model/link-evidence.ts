// What the link at the probe's own port tells beside the packets of a path: who is at the other end of the cable, and who claims
// whose address. What it means is judged elsewhere.

/**
 * What the other end of the cable says of itself in LLDP (IEEE 802.1AB) or CDP frames; null where it does not tell. Names are
 * without control characters.
 */
export interface NeighbourFacts {
  readonly protocol: 'lldp' | 'cdp';
  readonly systemName: string | null;
  readonly portId: string | null;
  readonly portDescription: string | null;
  readonly duplex: 'full' | 'half' | null;
  readonly speedBitsPerSec: number | null;
  readonly autoNegotiationEnabled: boolean | null;
  /** VLAN of untagged frames, 1-4094. */
  readonly nativeVlan: number | null;
  /** VLANs it names, 1-4094, ascending. */
  readonly vlanIds: readonly number[];
  /** Largest frame: header and FCS counted, as LLDP does. */
  readonly maxFrameBytes: number | null;
  /** How long ago the frame came; absent where that does not matter. */
  readonly ageSec?: number;
}

/** Who is at the other end of a port's cable. */
export interface PortNeighbour {
  readonly port: string;
  readonly neighbour: NeighbourFacts;
}

/** What was heard on the port without a question, up to one moment. */
export interface HeardOnLink {
  /** null where no frame of it came. */
  readonly neighbour: NeighbourFacts | null;
  /** VLANs of tagged frames that came in though nothing here takes them, ascending, at most 64. */
  readonly taggedVlanIds: readonly number[];
}

/** Several link addresses answer for one IP address: that of the next hop, or else our own. */
export interface AddressConflict {
  readonly address: string;
  /** `aa:bb:cc:dd:ee:ff`, at least two, each once; ours first where the address is ours. */
  readonly linkAddresses: readonly string[];
}
