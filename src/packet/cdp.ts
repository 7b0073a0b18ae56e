// CDP version 1 and 2 behind the IEEE 802.2 header AA AA 03, organization 00-00-0c, protocol 0x2000. Read only. Its format is the
// vendor's own, known from what devices send; its checksum is not checked, since that of the frame holds for it.
//
//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +---------------+---------------+-------------------------------+
// |    version    |  time to live |           checksum            |  0
// |             type              |  length, these 4 octets too   |  4
// |  value ...
// +---------------------------------------------------------------+
import { ProtocolError } from '../model/errors.js';
import { requireOctets, uint16At, uint32At } from './octets.js';
import { decodePrintable } from './printable-text.js';

export interface CdpMessage {
  readonly ttlSec: number;
  readonly deviceId: string | null;
  readonly portId: string | null;
  /** Whether it says that it forwards frames between ports. */
  readonly isBridge: boolean;
  /** VLAN of untagged frames; null where it does not tell. */
  readonly nativeVlanId: number | null;
  readonly duplex: 'full' | 'half' | null;
  /** Largest IP packet. */
  readonly mtuBytes: number | null;
}

const TYPE = { deviceId: 1, portId: 3, capabilities: 4, nativeVlan: 10, duplex: 11, mtu: 17 } as const;
/** Transparent bridge and switch. */
const BRIDGE_CAPABILITIES = 0x02 | 0x08;
const HIGHEST_VLAN = 4094;

type Draft = { -readonly [K in keyof CdpMessage]: CdpMessage[K] };

/** @throws ProtocolError */
export function parseCdp(bytes: Uint8Array): CdpMessage {
  requireOctets(bytes, 0, 4, 'CDP header');
  const version = bytes[0] ?? 0;
  if (version !== 1 && version !== 2) throw new ProtocolError(`CDP: version ${version}`);
  const draft: Draft = {
    ttlSec: bytes[1] ?? 0,
    deviceId: null,
    portId: null,
    isBridge: false,
    nativeVlanId: null,
    duplex: null,
    mtuBytes: null,
  };
  // Ends: each round takes 4 octets at least.
  for (let at = 4; at < bytes.length;) {
    requireOctets(bytes, at, 4, 'CDP element');
    const length = uint16At(bytes, at + 2);
    if (length < 4) throw new ProtocolError(`CDP: element of length ${length}`);
    requireOctets(bytes, at, length, 'CDP element');
    readElement(draft, uint16At(bytes, at), bytes.subarray(at + 4, at + length));
    at += length;
  }
  return draft;
}

function readElement(draft: Draft, type: number, value: Uint8Array): void {
  switch (type) {
    case TYPE.deviceId:
      draft.deviceId = decodePrintable(value);
      return;
    case TYPE.portId:
      draft.portId = decodePrintable(value);
      return;
    case TYPE.capabilities:
      requireOctets(value, 0, 4, 'CDP capabilities');
      draft.isBridge = (uint32At(value, 0) & BRIDGE_CAPABILITIES) !== 0;
      return;
    case TYPE.nativeVlan: {
      requireOctets(value, 0, 2, 'CDP native VLAN');
      const id = uint16At(value, 0);
      draft.nativeVlanId = id >= 1 && id <= HIGHEST_VLAN ? id : null;
      return;
    }
    case TYPE.duplex:
      requireOctets(value, 0, 1, 'CDP duplex');
      draft.duplex = value[0] === 0 ? 'half' : value[0] === 1 ? 'full' : null;
      return;
    case TYPE.mtu:
      requireOctets(value, 0, 4, 'CDP MTU');
      draft.mtuBytes = uint32At(value, 0);
      return;
  }
}
