// Whether several link addresses answer for one IP address: that of the next hop, or our own. Two questions on the link of the
// target, once an examination; what it means is judged elsewhere.
import { networkInterfaces } from 'node:os';
import type { NativePort, RunResult } from '../../../device/nic/native-port.js';
import { ProtocolError } from '../../model/errors.js';
import type { AddressConflict } from '../../model/link-evidence.js';
import type { Cost } from '../../model/sequence.js';
import { NS_PER_MS } from '../../model/units.js';
import { formatAddress, formatMac } from '../../packet/address.js';
import { encodeLinkAnswerFilter } from '../../packet/filter.js';
import { encodeAddressProbe, encodeNeighbourQuery } from '../../packet/neighbour-query.js';
import { concatOctets, equalOctets } from '../../packet/octets.js';
import { parseReply } from '../../packet/reply-match.js';
import type { NeighbourReply } from '../../packet/reply.js';
import type { NextHop } from './next-hop.js';
import { openRawPort, toDeviceError } from './raw-port.js';

/** A second answer follows the first by what two hosts differ in speed; nothing else waits for it. */
const ANSWER_WAIT_NS = 250 * NS_PER_MS;
const RING_FRAMES = 256;

export interface ConflictCheck {
  readonly conflict: AddressConflict | null;
  readonly cost: Cost;
}

/** @throws DeviceError when the port fails, PermissionError without CAP_NET_RAW. */
export async function checkAddresses(hop: NextHop, signal: AbortSignal): Promise<ConflictCheck> {
  // An IPv4 route through an IPv6 gateway (RFC 8950): our address cannot ask for it.
  const isSameFamily = hop.neighbour.length === hop.source.length;
  const port = openRawPort({
    port: hop.port,
    sendLayer: 'link',
    filter: encodeLinkAnswerFilter(hop.version),
    ringFrames: RING_FRAMES,
  });
  const cancel = (): void => port.cancel();
  signal.addEventListener('abort', cancel);
  try {
    const questions = [
      ...(isSameFamily
        ? [encodeNeighbourQuery({ sourceMac: port.mac, source: hop.source, target: hop.neighbour })]
        : []),
      ...(isOnPort(hop) ? [encodeAddressProbe(port.mac, hop.source)] : []),
    ];
    if (questions.length === 0 || signal.aborted) return { conflict: null, cost: { packets: 0, bytes: 0 } };
    const result = await ask(port, questions);
    const ours = [formatMac(port.mac), ...listOwnMacs()];
    const cost = { packets: result.counters.sent, bytes: questions.reduce((sum, { length }) => sum + length, 0) };
    return { conflict: findConflict(hop, listFrames(result), ours), cost };
  } catch (cause) {
    throw toDeviceError('device.io', cause, hop.port);
  } finally {
    signal.removeEventListener('abort', cancel);
    await port.close();
  }
}

function ask(port: NativePort, questions: readonly Uint8Array[]): Promise<RunResult> {
  let at = 0;
  const starts = questions.map(({ length }) => (at += length) - length);
  return port.run({
    arena: concatOctets(questions),
    frameOffset: Uint32Array.from(starts),
    frameLength: Uint32Array.from(questions, ({ length }) => length),
    frameIndex: Uint32Array.from(questions, (_, i) => i),
    offsetNs: new Float64Array(questions.length),
    txStamping: 'none',
    timestampAt: -1,
    checksumAt: -1,
    lingerNs: ANSWER_WAIT_NS,
    expectFrames: 0,
    graceNs: 0,
    quietNs: 0,
    leadNs: 0,
    realTime: false,
  });
}

function listFrames({ rx }: RunResult): Uint8Array[] {
  return Array.from({ length: rx.count }, (_, i) => rx.bytes.subarray(rx.start[i] ?? 0, rx.start[i + 1] ?? 0));
}

/** An address of another port, or of none, may be elsewhere, too, by somebody's wish. */
function isOnPort({ port, source }: NextHop): boolean {
  const text = formatAddress(source);
  return networkInterfaces()[port]?.some(({ address }) => address === text) ?? false;
}

/** Linux answers for each of its addresses on each of its ports: another port of this machine on the same link is no conflict. */
function listOwnMacs(): string[] {
  return Object.values(networkInterfaces()).flatMap((addresses) => addresses?.map(({ mac }) => mac) ?? []);
}

/** Who claims our own address goes before two that claim the next hop's. `ours` begins with the link address of the port. */
export function findConflict(
  { source, neighbour }: Pick<NextHop, 'source' | 'neighbour'>,
  frames: readonly Uint8Array[],
  ours: readonly string[],
): AddressConflict | null {
  const answers = frames.flatMap((frame) => readAnswer(frame) ?? []);
  const claimsOf = (address: Uint8Array): string[] => [
    ...new Set(answers.flatMap((answer) => (equalOctets(answer.address, address) ? readClaim(answer) : []))),
  ];
  const others = claimsOf(source).filter((mac) => !ours.includes(mac));
  if (others.length > 0) return { address: formatAddress(source), linkAddresses: [...ours.slice(0, 1), ...others] };
  const claims = claimsOf(neighbour);
  return claims.length > 1 ? { address: formatAddress(neighbour), linkAddresses: claims } : null;
}

/** A proxy answers for somebody, and hosts may share an address on purpose: such answers say so. */
function readClaim({ mac, overrides }: NeighbourReply): string[] {
  return mac !== null && overrides ? [formatMac(mac)] : [];
}

function readAnswer(frame: Uint8Array): NeighbourReply | null {
  try {
    const reply = parseReply(frame, 'ethernet');
    return reply.kind === 'arp-reply' || reply.kind === 'neighbour-advertisement' ? reply : null;
  } catch (error) {
    if (error instanceof ProtocolError) return null;
    throw error;
  }
}
