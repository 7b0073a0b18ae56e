// LLDP (IEEE 802.1AB) behind its Ethernet type 0x88cc, with the VLAN elements of IEEE 802.1 and the link elements of IEEE 802.3.
// Read only: this program announces nothing. What is unknown is skipped, what is cut off refused.
//
//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-------------+-----------------+-------------------------------+
// | type, 7 bits|  length, 9 bits | value, 0 to 511 octets ...
// +-------------+-----------------+-------------------------------+
// First come chassis (type 1), port (2) and time to live (3), last an end of length 0 (type 0).
// Chassis and port begin with an octet that says what the rest is.
//
// An organization's own element (type 127):
// +-------------------------------+---------------+---------------
// | type, length  | organization, 3 octets        | subtype | ...
// +-------------------------------+---------------+---------------
// 00-80-c2: 1 port VLAN, 16 bits | 3 VLAN, 16 bits, and the length and octets of its name
// 00-12-0f: 1 auto-negotiation (bit 0 supported, bit 1 enabled), 16 bits advertised, 16 bits MAU type | 4 largest frame, 16 bits
import { ProtocolError } from '../model/errors.js';
import { formatAddress, formatMac, IPV4_BYTES, IPV6_BYTES, MAC_BYTES } from './address.js';
import { requireOctets, uint16At } from './octets.js';
import { decodePrintable } from './printable-text.js';

export interface LldpMacPhy {
  readonly autoNegotiationSupported: boolean;
  readonly autoNegotiationEnabled: boolean;
  /** ifMauAutoNegCapAdvertisedBits of RFC 4836. */
  readonly advertised: number;
  /** dot3MauType of RFC 4836. */
  readonly mauType: number;
}

export interface LldpMessage {
  readonly chassisId: string;
  readonly portId: string;
  readonly ttlSec: number;
  readonly portDescription: string | null;
  readonly systemName: string | null;
  /** Whether it says that it forwards frames between ports. */
  readonly isBridge: boolean;
  /** VLAN of untagged frames; 0 for none, null where it does not tell. */
  readonly portVlanId: number | null;
  /** VLANs it names. */
  readonly vlanIds: readonly number[];
  readonly macPhy: LldpMacPhy | null;
  readonly maxFrameBytes: number | null;
}

const TYPE = {
  end: 0,
  chassisId: 1,
  portId: 2,
  timeToLive: 3,
  portDescription: 4,
  systemName: 5,
  capabilities: 7,
  organization: 127,
} as const;
/** Those of each message, in this order. */
const MANDATORY = [TYPE.chassisId, TYPE.portId, TYPE.timeToLive];

const ORGANIZATION = { ieee8021: 0x0080c2, ieee8023: 0x00120f } as const;
const IEEE_8021 = { portVlan: 1, vlanName: 3 } as const;
const IEEE_8023 = { macPhy: 1, maxFrame: 4 } as const;
/** Chassis and port subtypes that hold a MAC and a network address. */
const CHASSIS_SUBTYPE = { mac: 4, network: 5 } as const;
const PORT_SUBTYPE = { mac: 3, network: 4 } as const;
const BRIDGE_CAPABILITY = 0x0004;
const HIGHEST_VLAN = 4094;
/** IANA address families. */
const FAMILY = { ipv4: 1, ipv6: 2 } as const;

type Draft = { -readonly [K in keyof LldpMessage]: LldpMessage[K] };

/** Octets after the end are link padding. @throws ProtocolError */
export function parseLldp(bytes: Uint8Array): LldpMessage {
  const draft: Draft = {
    chassisId: '',
    portId: '',
    ttlSec: 0,
    portDescription: null,
    systemName: null,
    isBridge: false,
    portVlanId: null,
    vlanIds: [],
    macPhy: null,
    maxFrameBytes: null,
  };
  let at = 0;
  // Ends: each round takes 2 octets at least.
  for (let index = 0; at < bytes.length || index < MANDATORY.length; index += 1) {
    requireOctets(bytes, at, 2, 'LLDP element');
    const head = uint16At(bytes, at);
    const type = head >> 9;
    const length = head & 0x1ff;
    if (index < MANDATORY.length && type !== MANDATORY[index]) {
      throw new ProtocolError(`LLDP: element ${type} in place ${index}, ${MANDATORY[index]} is needed there`);
    }
    requireOctets(bytes, at + 2, length, 'LLDP element');
    if (type === TYPE.end) break;
    readElement(draft, type, bytes.subarray(at + 2, at + 2 + length));
    at += 2 + length;
  }
  return draft;
}

function readElement(draft: Draft, type: number, value: Uint8Array): void {
  switch (type) {
    case TYPE.chassisId:
      draft.chassisId = readId(value, CHASSIS_SUBTYPE, 'LLDP chassis');
      return;
    case TYPE.portId:
      draft.portId = readId(value, PORT_SUBTYPE, 'LLDP port');
      return;
    case TYPE.timeToLive:
      requireOctets(value, 0, 2, 'LLDP time to live');
      draft.ttlSec = uint16At(value, 0);
      return;
    case TYPE.portDescription:
      draft.portDescription = decodePrintable(value);
      return;
    case TYPE.systemName:
      draft.systemName = decodePrintable(value);
      return;
    case TYPE.capabilities:
      requireOctets(value, 0, 4, 'LLDP capabilities');
      draft.isBridge = (uint16At(value, 2) & BRIDGE_CAPABILITY) !== 0;
      return;
    case TYPE.organization:
      readOrganization(draft, value);
      return;
  }
}

function readOrganization(draft: Draft, value: Uint8Array): void {
  requireOctets(value, 0, 4, 'LLDP organization');
  const organization = uint16At(value, 0) * 0x100 + (value[2] ?? 0);
  const subtype = value[3];
  const rest = value.subarray(4);
  if (organization === ORGANIZATION.ieee8021 && subtype === IEEE_8021.portVlan) {
    requireOctets(rest, 0, 2, 'LLDP port VLAN');
    const id = uint16At(rest, 0);
    draft.portVlanId = id <= HIGHEST_VLAN ? id : null;
  } else if (organization === ORGANIZATION.ieee8021 && subtype === IEEE_8021.vlanName) {
    requireOctets(rest, 0, 3, 'LLDP VLAN name');
    const id = uint16At(rest, 0);
    if (id >= 1 && id <= HIGHEST_VLAN) draft.vlanIds = [...draft.vlanIds, id];
  } else if (organization === ORGANIZATION.ieee8023 && subtype === IEEE_8023.macPhy) {
    draft.macPhy = readMacPhy(rest);
  } else if (organization === ORGANIZATION.ieee8023 && subtype === IEEE_8023.maxFrame) {
    requireOctets(rest, 0, 2, 'LLDP largest frame');
    draft.maxFrameBytes = uint16At(rest, 0);
  }
}

function readMacPhy(value: Uint8Array): LldpMacPhy {
  requireOctets(value, 0, 5, 'LLDP MAC and PHY');
  const status = value[0] ?? 0;
  return {
    autoNegotiationSupported: (status & 1) !== 0,
    autoNegotiationEnabled: (status & 2) !== 0,
    advertised: uint16At(value, 1),
    mauType: uint16At(value, 3),
  };
}

/** Names as they are, addresses in their notation, anything else in hexadecimal digits. @throws ProtocolError for an empty one. */
function readId(value: Uint8Array, subtypes: { readonly mac: number; readonly network: number }, what: string): string {
  requireOctets(value, 0, 2, what);
  const subtype = value[0];
  const id = value.subarray(1);
  if (subtype === subtypes.mac && id.length === MAC_BYTES) return formatMac(id);
  if (subtype === subtypes.network) {
    const address = id.subarray(1);
    if (id[0] === FAMILY.ipv4 && address.length === IPV4_BYTES) return formatAddress(address);
    if (id[0] === FAMILY.ipv6 && address.length === IPV6_BYTES) return formatAddress(address);
  }
  return decodePrintable(id) ?? Array.from(id, (octet) => octet.toString(16).padStart(2, '0')).join('');
}
