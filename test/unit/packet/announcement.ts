// LLDP and CDP frames for tests, made from what they are to say.
import { LLDP_GROUP, CDP_GROUP } from '../../../src/packet/neighbour-frame.js';
import { concatOctets } from '../../../src/packet/octets.js';

const TEXT = new TextEncoder();
const SNAP_CDP = Uint8Array.of(0xaa, 0xaa, 0x03, 0x00, 0x00, 0x0c, 0x20, 0x00);

export interface LldpWords {
  readonly from?: Uint8Array;
  readonly chassis?: string;
  readonly port?: string;
  readonly ttlSec?: number;
  readonly systemName?: string;
  readonly isBridge?: boolean;
  readonly portVlanId?: number;
  readonly vlanIds?: readonly number[];
  readonly macPhy?: { readonly status: number; readonly mauType: number };
  readonly maxFrameBytes?: number;
}

export interface CdpWords {
  readonly from?: Uint8Array;
  readonly deviceId?: string;
  readonly port?: string;
  readonly ttlSec?: number;
  readonly nativeVlan?: number;
  readonly duplex?: 'full' | 'half';
}

const SENDER = Uint8Array.of(2, 0, 0, 0, 0xab, 3);

export function makeLldpFrame(words: LldpWords): Uint8Array {
  const { chassis = 'chassis-1', port = 'p1', ttlSec = 120, vlanIds = [] } = words;
  const elements = [
    element(1, Uint8Array.of(7, ...TEXT.encode(chassis))),
    element(2, Uint8Array.of(5, ...TEXT.encode(port))),
    element(3, word(ttlSec)),
    ...(words.systemName === undefined ? [] : [element(5, TEXT.encode(words.systemName))]),
    ...(words.isBridge === true ? [element(7, Uint8Array.of(0, 4, 0, 4))] : []),
    ...(words.portVlanId === undefined ? [] : [own(0x80c2, 1, word(words.portVlanId))]),
    ...vlanIds.map((id) => own(0x80c2, 3, Uint8Array.of(...word(id), 1, 0x76))),
    ...(words.macPhy === undefined
      ? []
      : [own(0x120f, 1, Uint8Array.of(words.macPhy.status, 0, 0, ...word(words.macPhy.mauType)))]),
    ...(words.maxFrameBytes === undefined ? [] : [own(0x120f, 4, word(words.maxFrameBytes))]),
    element(0, new Uint8Array(0)),
  ];
  return concatOctets([LLDP_GROUP, words.from ?? SENDER, Uint8Array.of(0x88, 0xcc), ...elements]);
}

export function makeCdpFrame(words: CdpWords): Uint8Array {
  const { deviceId = 'sw-1', port = 'Gi0/1', ttlSec = 180 } = words;
  const message = concatOctets([
    Uint8Array.of(2, ttlSec, 0, 0),
    cdpElement(1, TEXT.encode(deviceId)),
    cdpElement(3, TEXT.encode(port)),
    cdpElement(4, Uint8Array.of(0, 0, 0, 0x28)),
    ...(words.nativeVlan === undefined ? [] : [cdpElement(10, word(words.nativeVlan))]),
    ...(words.duplex === undefined ? [] : [cdpElement(11, Uint8Array.of(words.duplex === 'full' ? 1 : 0))]),
  ]);
  const length = word(SNAP_CDP.length + message.length);
  return concatOctets([CDP_GROUP, words.from ?? SENDER, length, SNAP_CDP, message]);
}

function element(type: number, value: Uint8Array): Uint8Array {
  return Uint8Array.of(...word(type * 0x200 + value.length), ...value);
}

/** `organization` without its first octet, which is 0 in both of IEEE's. */
function own(organization: number, subtype: number, value: Uint8Array): Uint8Array {
  return element(127, Uint8Array.of(0, ...word(organization), subtype, ...value));
}

function cdpElement(type: number, value: Uint8Array): Uint8Array {
  return Uint8Array.of(...word(type), ...word(value.length + 4), ...value);
}

function word(value: number): Uint8Array {
  return Uint8Array.of(value >>> 8, value & 0xff);
}
