// The raw port of one path: opened as large as its runs need, and addressed to the next hop, whose link address may change. What is
// sent is the prober's business.
import type { NativePort, RunOptions as EngineRun, RunResult } from '../../../device/nic/native-port.js';
import type { Cost } from '../../model/sequence.js';
import type { ProbeEnvelope, ProbeLink } from '../../packet/probe-packet.js';
import { readTrustedNeighbour, resolveNeighbour } from './neighbour.js';
import type { NextHop } from './next-hop.js';
import { openRawPort } from './raw-port.js';
import { runEngine, type EngineCall, type RecordRun } from './run-engine.js';

const TTL = 64;
const FREE: Cost = { packets: 0, bytes: 0 };

export interface PathPortOptions {
  readonly hop: NextHop;
  /** Kernel filter of what may be received. */
  readonly filter: Uint8Array;
  /** null where the next hop did not answer; asked again before each run until it does. */
  readonly mac: Uint8Array | null;
  /** Keeps the frames of each run; null where nobody wants them. */
  readonly record: RecordRun | null;
}

export class PathPort {
  #mac: Uint8Array | null;
  #port: NativePort | null = null;
  #ringFrames = 0;

  constructor(private readonly options: PathPortOptions) {
    this.#mac = options.mac;
  }

  /** False where nobody is known whom frames could be addressed to. */
  get isAddressed(): boolean {
    return this.options.hop.sendLayer !== 'link' || this.#mac !== null;
  }

  /**
   * The next hop's link address may change (a router taken over by its twin, a card exchanged). The kernel's word goes before ours;
   * after a run whose end nobody answered (`isConfirmed` false) it is asked for on the link. Who does not answer then keeps the
   * address he had.
   */
  async resolve(isConfirmed: boolean, signal: AbortSignal): Promise<Cost> {
    const { hop } = this.options;
    if (hop.sendLayer !== 'link') return FREE;
    const known = readTrustedNeighbour(hop);
    if (known) this.#mac = known;
    if (known || isConfirmed) return FREE;
    const { mac, cost } = await resolveNeighbour(hop, 1, signal);
    this.#mac = mac ?? this.#mac;
    return cost;
  }

  /** Opened again only for a run that needs a larger ring. */
  open(ringFrames: number): NativePort {
    if (this.#port && ringFrames <= this.#ringFrames) return this.#port;
    void this.#port?.close();
    const { hop, filter } = this.options;
    this.#port = openRawPort({ port: hop.port, sendLayer: hop.sendLayer, filter, ringFrames });
    this.#ringFrames = ringFrames;
    return this.#port;
  }

  run(port: NativePort, run: EngineRun, call: Omit<EngineCall, 'portName' | 'record'>): Promise<RunResult> {
    const { hop, record } = this.options;
    return runEngine(port, run, { ...call, portName: hop.port, record });
  }

  /** Of a packet that leaves through `port`. */
  wrap(
    port: NativePort,
    packet: Pick<ProbeEnvelope, 'trafficClass' | 'dontFragment' | 'ipId' | 'sizeBytes'>,
  ): ProbeEnvelope {
    const { hop } = this.options;
    const link: ProbeLink | null =
      hop.sendLayer === 'link' && this.#mac ? { sourceMac: port.mac, destinationMac: this.#mac } : null;
    return { link, source: hop.source, destination: hop.target, ttl: TTL, ...packet };
  }

  /** Ends the run under way. */
  cancel(): void {
    this.#port?.cancel();
  }

  async close(): Promise<void> {
    const port = this.#port;
    this.#port = null;
    this.#ringFrames = 0;
    await port?.close();
  }
}
