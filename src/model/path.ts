// The interface between an examination and whatever carries its packets: a NIC, a simulator, a box elsewhere.
import type { AddressConflict, NeighbourFacts } from './link-evidence.js';
import type { PathMessage, PortErrors, StampSources, Trace } from './trace.js';
import type { Budget, Cost, Sequence } from './sequence.js';

/** How packets reach the target and what answers them. */
export type Via = 'tps' | 'stamp' | 'icmp' | 'udp' | 'tcp' | 'loop' | 'capture' | 'simulated';
export const VIA_CHOICES = ['auto', 'tps', 'stamp', 'icmp', 'udp', 'tcp'] as const;
export type ViaChoice = (typeof VIA_CHOICES)[number];

export type Duplex = 'full' | 'half' | 'unknown';

/** One mode a copper or fibre link can run in. */
export interface LinkMode {
  readonly speedBitsPerSec: number;
  readonly duplex: 'full' | 'half';
}

/** What the machine knows of one of its ports without sending anything. */
export interface PortFacts {
  readonly name: string;
  readonly mtuBytes: number;
  readonly linkUp: boolean;
  readonly speedBitsPerSec: number | null;
  readonly duplex: Duplex;
  readonly autoNegotiation: boolean | null;
  /** Modes this port can do; empty where the driver does not tell. */
  readonly supportedModes: readonly LinkMode[];
  /** Modes this port offers to its partner. */
  readonly advertisedModes: readonly LinkMode[];
  /** Modes the partner offered; null where the driver does not tell. */
  readonly partnerModes: readonly LinkMode[] | null;
  /** In words, where the link is down and the driver tells why. */
  readonly linkDownReason?: string;
  /** Signal quality index of the PHY, `best` being the best there is; absent where it has none. */
  readonly signalQuality?: { readonly value: number; readonly best: number };
  /** Of a VLAN's own port: its VLAN, and the port below it, whose frames it sends tagged. Absent for any other port. */
  readonly vlanId?: number;
  readonly parent?: { readonly name: string; readonly mtuBytes: number };
}

/** What the probe's own port can do, measured: no estimate may claim to be better than this. */
export interface PortAbilities {
  /** Standard deviation of a stamp around the true instant, σ. */
  readonly stampNoiseNs: number;
  /** Full-size and smallest packets a second that the probe gets out, and that it receives without losing one. */
  readonly sendPacketsPerSec: number;
  readonly sendBitsPerSec: number;
  readonly receivePacketsPerSec: number;
  readonly receiveBitsPerSec: number;
  /** Replies that come within this time of each other may share one interrupt and one stamp; 0 where they do not. */
  readonly coalescingNs: number;
  /** ISO 8601, UTC. */
  readonly measuredAt: string;
}

export interface PathRequest {
  /** A name, an IPv4 or an IPv6 address (with `%zone` for link-local ones). */
  readonly target: string;
  readonly via: ViaChoice;
  /** Name of the local port; without it the kernel's route decides. */
  readonly port?: string;
}

/** A router's word on a packet that was too big for it (RFC 1191, RFC 8201). */
export interface AnnouncedMtu {
  readonly from: string;
  readonly bytes: number;
  /** Length of the packet it refused. */
  readonly refusedBytes: number;
}

export interface PathDescription {
  readonly target: { readonly address: string; readonly name?: string; readonly via: Via };
  readonly port: PortFacts;
  readonly stamps: StampSources;
  /** Next hop in words and whether its link address is known. */
  readonly nextHop: { readonly address: string; readonly resolved: boolean };
  /** Largest IP packet that the local port and its route let out, and that no router refused while the path was opened. */
  readonly mtuBytes: number;
  /** What a router said of larger packets while the path was opened; absent where none did. */
  readonly announcedMtu?: AnnouncedMtu;
  /** Smallest IP packet this kind of probe can send. */
  readonly minSizeBytes: number;
  /** `same`: replies are as large as requests. `small`: they are not, so dispersion tells the forward direction. */
  readonly replySize: 'same' | 'small';
  /** Most probes a second the target is known to answer before it limits itself; null without a known limit. */
  readonly maxProbesPerSec: number | null;
  /** Whether the far end sends sequences of its own on request (`Sequence.farPattern`). */
  readonly farSends: boolean;
  /** What is known of the probe's own port; null where it was never measured. */
  readonly abilities: PortAbilities | null;
  /** The port's error counters when the path was opened, since it exists; null or absent where they cannot be read. */
  readonly portErrorTotals?: PortErrors | null;
  /** As in `HeardOnLink`; absent where nobody listens. */
  readonly neighbour?: NeighbourFacts | null;
  readonly taggedVlanIds?: readonly number[];
  /** null where one link address answered for each address; absent where nobody was asked. */
  readonly addressConflict?: AddressConflict | null;
  /** What routers and hosts said of the probes while the path was opened, where none was answered; absent where they said nothing. */
  readonly messages?: readonly PathMessage[];
  /** Fallbacks and assumptions a reader of the result must know, one sentence each. */
  readonly notes: readonly string[];
}

export interface RunProgress {
  readonly sent: number;
  readonly total: number;
}

export interface RunOptions {
  readonly signal: AbortSignal;
  /** The sequence is refused with UsageError before its first packet if its plan exceeds this. */
  readonly budget: Budget;
  readonly onProgress?: (progress: RunProgress) => void;
}

/** A path that is open: each run sends one sequence and gives its trace. One run at a time. */
export interface Prober {
  readonly path: PathDescription;
  /** What opening cost (resolution, choice of `via`). */
  readonly openingCost: Cost;
  /** Resolves with what is known when the signal aborts; `interrupted` is then true. */
  run(sequence: Sequence, options: RunOptions): Promise<Trace>;
  close(): Promise<void>;
}

/**
 * @throws UsageError for a bad address, port or via; PermissionError without CAP_NET_RAW; DeviceError without a route.
 * An unreachable target is no error: its runs are traces of losses.
 */
export type OpenProber = (request: PathRequest, signal: AbortSignal) => Promise<Prober>;
