// Kernel filters for the engine: which frames a run may receive. Exact enough that nothing but answers to our probes passes,
// since the engine ends a run by counting what passed. What passed is read by reply-match.ts.
//
// Not seen by these filters: replies behind IPv6 extension headers, and errors that quote fewer than 8 octets of the
// transport header. Linux strips the outer VLAN tag before a filter looks, so frames are untagged here.
import { IPV4_BYTES, addressFamily } from './address.js';
import { ARP_OPERATION } from './arp.js';
import { BpfProgram } from './bpf-program.js';
import { ICMP_TYPE } from './icmp.js';
import { ICMPV6_TYPE } from './icmpv6.js';
import { uint32At } from './octets.js';
import { ETHER_TYPE, IP_PROTOCOL } from './protocol-numbers.js';
import type { LinkLayer } from './reply-match.js';

/** What our probes look like; the filter lets their replies and the errors that quote them pass. */
export type SentProbes =
  | {
      readonly kind: 'icmp';
      readonly target: Uint8Array;
      /** Probes have this many identifiers from the first on, a power of two that divides it. */
      readonly firstIdentifier: number;
      readonly identifiers: number;
    }
  | {
      readonly kind: 'udp';
      readonly target: Uint8Array;
      readonly targetPort: number;
      /** Any two ports, equal for a single one. */
      readonly localPorts: readonly [number, number];
    }
  | {
      readonly kind: 'tcp';
      readonly target: Uint8Array;
      readonly targetPort: number;
      readonly firstLocalPort: number;
      /** Probes leave from this many ports from the first on, a power of two that divides it. */
      readonly localPorts: number;
    };

/** Replies from the target, and errors from any router that quote one of our probes. */
export function encodeReplyFilter(probes: SentProbes, linkLayer: LinkLayer): Uint8Array {
  const program = new BpfProgram();
  const at = linkLayer === 'ethernet' ? 14 : 0;
  const family = addressFamily(probes.target);
  requireIp(program, linkLayer, family);
  if (family === 4) addIpv4Tests(program, at, probes);
  else addIpv6Tests(program, at, probes);
  return program.encode();
}

/** ARP replies (IPv4) or neighbour advertisements (IPv6) that tell the link address of `target`; only with Ethernet headers. */
export function encodeNeighbourFilter(target: Uint8Array): Uint8Array {
  const program = new BpfProgram();
  program.load(2, 12);
  if (addressFamily(target) === 4) {
    program.requireEqual(ETHER_TYPE.arp);
    program.load(2, 14 + 6);
    program.requireEqual(ARP_OPERATION.reply);
    program.requireAddress(14 + 14, target);
  } else {
    program.requireEqual(ETHER_TYPE.ipv6);
    program.load(1, 14 + 6);
    program.requireEqual(IP_PROTOCOL.icmpv6);
    program.load(1, 14 + 40);
    program.requireEqual(ICMPV6_TYPE.neighbourAdvertisement);
    program.requireAddress(14 + 48, target);
  }
  program.accept();
  return program.encode();
}

function requireIp(program: BpfProgram, linkLayer: LinkLayer, family: 4 | 6): void {
  if (linkLayer === 'ethernet') {
    program.load(2, 12);
    program.requireEqual(family === 4 ? ETHER_TYPE.ipv4 : ETHER_TYPE.ipv6);
  } else {
    program.load(1, 0);
    program.and(0xf0);
    program.requireEqual(family << 4);
  }
}

/** The IP header stands at `at`; its options move what follows, hence the index register. */
function addIpv4Tests(program: BpfProgram, at: number, probes: SentProbes): void {
  program.load(2, at + 6);
  program.rejectBits(0x1fff);
  program.loadIndexHeaderLength(at);
  program.load(1, at + 9);
  if (probes.kind === 'icmp') {
    program.requireEqual(IP_PROTOCOL.icmp);
    program.load(1, at, true);
    program.jumpIfEqual(ICMP_TYPE.echoReply, 'reply');
  } else {
    program.jumpIfEqual(ipProtocol(probes), 'reply');
    program.requireEqual(IP_PROTOCOL.icmp);
    program.load(1, at, true);
  }
  addIpv4ErrorTests(program, at, probes);
  program.place('reply');
  program.requireAddress(at + 12, probes.target);
  requireReplyKey(program, { at, indexed: true }, probes);
  program.accept();
}

/** A holds the ICMP type, the index register the outer header's length. The quoted packet starts 8 octets into the message. */
function addIpv4ErrorTests(program: BpfProgram, at: number, probes: SentProbes): void {
  const quote = at + 8;
  program.jumpIfEqual(ICMP_TYPE.unreachable, 'error');
  program.jumpIfEqual(ICMP_TYPE.timeExceeded, 'error');
  program.requireEqual(ICMP_TYPE.parameterProblem);
  program.place('error');
  program.load(1, quote + 9, true);
  program.requireEqual(ipProtocol(probes));
  program.load(4, quote + 16, true);
  program.requireEqual(uint32At(probes.target, 0));
  program.load(1, quote, true);
  program.and(0x0f);
  program.shiftLeft(2);
  program.advanceIndex();
  requireQuotedKey(program, { at: quote, indexed: true }, probes);
  program.accept();
}

function addIpv6Tests(program: BpfProgram, at: number, probes: SentProbes): void {
  const transport = at + 40;
  program.load(1, at + 6);
  if (probes.kind === 'icmp') {
    program.requireEqual(IP_PROTOCOL.icmpv6);
    program.load(1, transport);
    program.jumpIfEqual(ICMPV6_TYPE.echoReply, 'reply');
  } else {
    program.jumpIfEqual(ipProtocol(probes), 'reply');
    program.requireEqual(IP_PROTOCOL.icmpv6);
    program.load(1, transport);
  }
  // Errors are types 1 to 4; 0 is reserved.
  program.rejectAbove(ICMPV6_TYPE.parameterProblem);
  program.jumpIfEqual(0, 'reject');
  const quote = transport + 8;
  program.load(1, quote + 6);
  program.requireEqual(ipProtocol(probes));
  program.requireAddress(quote + 24, probes.target);
  requireQuotedKey(program, { at: quote + 40, indexed: false }, probes);
  program.accept();
  program.place('reply');
  program.requireAddress(at + 8, probes.target);
  requireReplyKey(program, { at: transport, indexed: false }, probes);
  program.accept();
}

/** The transport header stands at `at`, plus the index register if `indexed`. */
interface Transport {
  readonly at: number;
  readonly indexed: boolean;
}

/** Identifier of an echo, or the ports as the target answers them. */
function requireReplyKey(program: BpfProgram, transport: Transport, probes: SentProbes): void {
  if (probes.kind === 'icmp') requireIdentifier(program, transport, probes);
  else requirePorts(program, transport, { probes, isReply: true });
}

/** Identifier of an echo, or the ports as we sent them. */
function requireQuotedKey(program: BpfProgram, transport: Transport, probes: SentProbes): void {
  if (probes.kind === 'icmp') requireIdentifier(program, transport, probes);
  else requirePorts(program, transport, { probes, isReply: false });
}

type EchoProbes = Extract<SentProbes, { kind: 'icmp' }>;
type PortProbes = Exclude<SentProbes, EchoProbes>;

function requireIdentifier(program: BpfProgram, { at, indexed }: Transport, probes: EchoProbes): void {
  program.load(2, at + 4, indexed);
  program.and(0x1_0000 - probes.identifiers);
  program.requireEqual(probes.firstIdentifier);
}

/** Both ports, first the source's, in one load: our own port is the destination of a reply and the source of what is quoted. */
function requirePorts(
  program: BpfProgram,
  { at, indexed }: Transport,
  { probes, isReply }: { readonly probes: PortProbes; readonly isReply: boolean },
): void {
  const join = (target: number, local: number): number =>
    isReply ? target * 0x1_0000 + local : local * 0x1_0000 + target;
  program.load(4, at, indexed);
  if (probes.kind === 'tcp') {
    program.and(join(0xffff, 0x1_0000 - probes.localPorts));
    program.requireEqual(join(probes.targetPort, probes.firstLocalPort));
    return;
  }
  const [first, second] = probes.localPorts;
  const either = isReply ? 'reply to either port' : 'quote of either port';
  program.jumpIfEqual(join(probes.targetPort, first), either);
  program.requireEqual(join(probes.targetPort, second));
  program.place(either);
}

function ipProtocol(probes: SentProbes): number {
  if (probes.kind === 'icmp') return probes.target.length === IPV4_BYTES ? IP_PROTOCOL.icmp : IP_PROTOCOL.icmpv6;
  return probes.kind === 'udp' ? IP_PROTOCOL.udp : IP_PROTOCOL.tcp;
}

/** Link addresses that anybody tells, in answer to a question or not: which of them, the reader decides. */
export function encodeLinkAnswerFilter(ipVersion: 4 | 6): Uint8Array {
  const program = new BpfProgram();
  program.load(2, 12);
  if (ipVersion === 4) {
    program.requireEqual(ETHER_TYPE.arp);
    program.load(2, 14 + 6);
    program.requireEqual(ARP_OPERATION.reply);
  } else {
    program.requireEqual(ETHER_TYPE.ipv6);
    program.load(1, 14 + 6);
    program.requireEqual(IP_PROTOCOL.icmpv6);
    program.load(1, 14 + 40);
    program.requireEqual(ICMPV6_TYPE.neighbourAdvertisement);
  }
  program.accept();
  return program.encode();
}
