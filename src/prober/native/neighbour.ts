// The link address of the next hop: what the kernel's neighbour table holds, else asked for on the link.
import type { NativeNeighbour } from '../../../device/nic/native-link.js';
import type { NativePort } from '../../../device/nic/native-port.js';
import { isNativeFailure, loadEngine } from '../../../device/nic/nic.js';
import { ProtocolError } from '../../model/errors.js';
import type { Cost } from '../../model/sequence.js';
import { NS_PER_MS } from '../../model/units.js';
import { encodeNeighbourFilter } from '../../packet/filter.js';
import { encodeNeighbourQuery } from '../../packet/neighbour-query.js';
import { parseReply } from '../../packet/reply-match.js';
import type { NextHop } from './next-hop.js';
import { openRawPort, toDeviceError } from './raw-port.js';

/** NUD_* states of linux/neighbour.h in which the kernel itself would use the entry without asking first. */
const NUD_TRUSTED = 0x02 | 0x40 | 0x80; // REACHABLE, NOARP, PERMANENT
/** A host that needs longer for an address resolution is not answering; the kernel gives it 1 s (RFC 4861 RETRANS_TIMER). */
const ANSWER_WAIT_NS = 300 * NS_PER_MS;

export interface Resolution {
  /** null where nobody answered. */
  readonly mac: Uint8Array | null;
  readonly cost: Cost;
}

const FREE: Cost = { packets: 0, bytes: 0 };

/** Asks up to `attempts` times. @throws DeviceError when the port fails, PermissionError without CAP_NET_RAW. */
export async function resolveNeighbour(hop: NextHop, attempts: number, signal: AbortSignal): Promise<Resolution> {
  const known = lookupNeighbour(hop);
  if (isTrusted(known)) return { mac: known.mac, cost: FREE };
  // An IPv4 route through an IPv6 gateway (RFC 8950): our IPv4 address cannot ask for it, the kernel's entry has to do.
  if (hop.neighbour.length !== hop.source.length) return { mac: known?.mac ?? null, cost: FREE };
  const port = openRawPort({
    port: hop.port,
    sendLayer: 'link',
    filter: encodeNeighbourFilter(hop.neighbour),
    ringFrames: 16,
  });
  const cancel = (): void => port.cancel();
  signal.addEventListener('abort', cancel);
  try {
    return await askOnLink(port, hop, attempts, signal);
  } catch (cause) {
    throw toDeviceError('device.io', cause, hop.port);
  } finally {
    signal.removeEventListener('abort', cancel);
    await port.close();
  }
}

/** The link address that the kernel itself would use now without asking, if it has one. Sends nothing. */
export function readTrustedNeighbour(hop: NextHop): Uint8Array | null {
  const known = lookupNeighbour(hop);
  return isTrusted(known) ? known.mac : null;
}

function isTrusted(known: NativeNeighbour | null): known is NativeNeighbour & { readonly mac: Uint8Array } {
  return known?.mac !== null && known !== null && (known.state & NUD_TRUSTED) !== 0;
}

/** null also where the kernel cannot tell, as for a port that went away: sending will show that. */
function lookupNeighbour(hop: NextHop): NativeNeighbour | null {
  try {
    return loadEngine().lookupNeighbour(hop.neighbour, hop.portIndex);
  } catch (cause) {
    if (isNativeFailure(cause)) return null;
    throw cause;
  }
}

async function askOnLink(port: NativePort, hop: NextHop, attempts: number, signal: AbortSignal): Promise<Resolution> {
  const arena = encodeNeighbourQuery({ sourceMac: port.mac, source: hop.source, target: hop.neighbour });
  let packets = 0;
  // Ends after `attempts` rounds of at most ANSWER_WAIT_NS.
  while (packets < attempts && !signal.aborted) {
    packets += 1;
    const { rx } = await port.run({
      arena,
      frameOffset: Uint32Array.of(0),
      frameLength: Uint32Array.of(arena.length),
      frameIndex: Uint32Array.of(0),
      offsetNs: Float64Array.of(0),
      txStamping: 'none',
      timestampAt: -1,
      checksumAt: -1,
      lingerNs: ANSWER_WAIT_NS,
      expectFrames: 1,
      graceNs: 0,
      quietNs: 0,
      leadNs: 0,
      realTime: false,
    });
    for (let i = 0; i < rx.count; i++) {
      const mac = readLinkAddress(rx.bytes.subarray(rx.start[i] ?? 0, rx.start[i + 1] ?? 0));
      if (mac) return { mac, cost: { packets, bytes: packets * arena.length } };
    }
  }
  return { mac: null, cost: { packets, bytes: packets * arena.length } };
}

/** The filter passed only answers about our next hop. */
function readLinkAddress(frame: Uint8Array): Uint8Array | null {
  try {
    const reply = parseReply(frame, 'ethernet');
    const isAnswer = reply.kind === 'arp-reply' || reply.kind === 'neighbour-advertisement';
    return isAnswer && reply.mac ? Uint8Array.from(reply.mac) : null;
  } catch (error) {
    if (error instanceof ProtocolError) return null;
    throw error;
  }
}
