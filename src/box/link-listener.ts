// Listens on one port for what its link tells without a question. The kernel keeps the frames; reading is quick and nobody waits.
import { ProtocolError } from '../model/errors.js';
import type { HeardOnLink } from '../model/link-evidence.js';
import { parseEthernet } from '../packet/ethernet.js';
import { encodeLinkFilter, NEIGHBOUR_GROUPS, parseNeighbourFrame } from '../packet/neighbour-frame.js';
import { listPortNames } from './port-facts.js';
import { openListener, readKernelCounters, readVlan, type Listener } from './native-host.js';
import { NeighbourTable } from './neighbour-table.js';

const MOST_VLANS = 64;
/** On a port with so many tagged frames their VLANs are known, and more of them would only push announcements out. */
const ENOUGH_TAGGED_FRAMES = 256;

/** Where frames come from, which VLANs this machine takes itself, and a clock that never goes back, ms. */
export interface LinkSource {
  /** null where nobody can listen: no rights, no Ethernet, no such port. */
  readonly open: (port: string, filter: Uint8Array, groups: Uint8Array) => Listener | null;
  readonly listOwnVlans: (port: string) => readonly number[];
  /** How often the link came or went; null where that cannot be told. */
  readonly countLinkChanges: (port: string) => number | null;
  readonly readMs: () => number;
}

export const MACHINE_LINK: LinkSource = {
  open: openListener,
  listOwnVlans: (port) =>
    listPortNames().flatMap((name) => {
      const vlan = readVlan(name);
      return vlan?.parent === port ? [vlan.id] : [];
    }),
  countLinkChanges: (port) => readKernelCounters(port)?.carrierChanges ?? null,
  readMs: () => performance.now(),
};

/** One socket: each one more would cost every frame of the port some 50 ns. */
export class LinkListener {
  readonly #neighbours = new NeighbourTable();
  readonly #taggedVlanIds = new Set<number>();
  #taggedFrames = 0;
  #listener: Listener | null;
  #linkChanges: number | null;

  /** null where nobody can listen on this port. */
  static open(port: string, source: LinkSource = MACHINE_LINK): LinkListener | null {
    const listener = openSocket(port, source, true);
    return listener === null ? null : new LinkListener(port, listener, source);
  }

  private constructor(
    private readonly port: string,
    listener: Listener,
    private readonly source: LinkSource,
  ) {
    this.#listener = listener;
    this.#linkChanges = source.countLinkChanges(port);
  }

  /** Takes in what came since the last time, and tells what is known now. */
  read(): HeardOnLink {
    const nowMs = this.source.readMs();
    this.#noticeChange(nowMs);
    this.#drain(nowMs);
    if (this.#taggedFrames >= ENOUGH_TAGGED_FRAMES) this.#listenAnew(false);
    const ours = this.#taggedVlanIds.size === 0 ? [] : this.source.listOwnVlans(this.port);
    return {
      neighbour: this.#neighbours.describe(nowMs),
      taggedVlanIds: [...this.#taggedVlanIds].filter((id) => !ours.includes(id)).sort((a, b) => a - b),
    };
  }

  /** Safe to call twice. */
  close(): void {
    this.#listener?.close();
    this.#listener = null;
  }

  #drain(nowMs: number): void {
    for (const frame of this.#listener?.read() ?? []) ignoreMalformed(() => this.#take(frame, nowMs));
  }

  /**
   * What came before the cable was pulled and plugged is of no use. Frames that still wait are kept: who is plugged in speaks at once.
   * The port may be another one of the same name by now, which the old socket would not hear.
   */
  #noticeChange(nowMs: number): void {
    const linkChanges = this.source.countLinkChanges(this.port);
    if (linkChanges === this.#linkChanges) return;
    this.#linkChanges = linkChanges;
    this.#neighbours.forget();
    this.#taggedVlanIds.clear();
    this.#drain(nowMs);
    this.#listenAnew(true);
  }

  #listenAnew(withTagged: boolean): void {
    if (this.#listener === null) return;
    this.#taggedFrames = 0;
    this.#listener.close();
    this.#listener = openSocket(this.port, this.source, withTagged);
  }

  /** A tag of VLAN 0 only carries a priority: such a frame belongs to the port itself. */
  #take(frame: Uint8Array, nowMs: number): void {
    const [tag] = parseEthernet(frame).vlans;
    if (tag !== undefined) this.#taggedFrames += 1;
    const id = tag?.id ?? 0;
    if (id > 0 && id < 4095 && this.#taggedVlanIds.size < MOST_VLANS) this.#taggedVlanIds.add(id);
    const announcement = parseNeighbourFrame(frame);
    if (announcement !== null) this.#neighbours.hear(announcement, nowMs);
  }
}

function openSocket(port: string, source: LinkSource, withTagged: boolean): Listener | null {
  return source.open(port, encodeLinkFilter({ withTagged }), NEIGHBOUR_GROUPS);
}

function ignoreMalformed(take: () => void): void {
  try {
    take();
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
  }
}
