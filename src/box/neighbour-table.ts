// Who is at the other end of a cable, from the announcements heard on it. Between two ports there may be a switch that announces
// nothing and passes the announcements of others on: then several are heard, and none of them is surely the other end.
import type { NeighbourFacts } from '../model/link-evidence.js';
import type { Announcement } from '../packet/neighbour-frame.js';

/** More than a cable has ends: a flood of invented ones pushes out the oldest. */
const MOST_ENTRIES = 32;
const MS_PER_SEC = 1000;

interface Entry {
  readonly announcement: Announcement;
  readonly heardMs: number;
}

/** Times are those of a clock that never goes back, ms. */
export class NeighbourTable {
  /** By identity, the one heard last at the end. */
  readonly #entries = new Map<string, Entry>();

  hear(announcement: Announcement, nowMs: number): void {
    const { identity, holdSec } = announcement;
    this.#entries.delete(identity);
    if (holdSec === 0) return;
    this.#entries.set(identity, { announcement, heardMs: nowMs });
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > MOST_ENTRIES && oldest !== undefined) this.#entries.delete(oldest);
  }

  /** The cable was pulled: whoever is there next is somebody else. */
  forget(): void {
    this.#entries.clear();
  }

  /**
   * One system is the neighbour. Of several the one that forwards frames is named, but what it says of its port's link is left
   * out, since that link may be another one. null where nobody was heard, or nobody stands out.
   */
  describe(nowMs: number): NeighbourFacts | null {
    const alive = [...this.#entries.values()].filter(
      ({ announcement, heardMs }) => nowMs - heardMs <= announcement.holdSec * MS_PER_SEC,
    );
    const systems = groupBySystem(alive);
    const [only] = systems;
    if (systems.length === 1 && only !== undefined) return join(only, nowMs);
    const bridges = systems.filter((entries) => entries.some(({ announcement }) => announcement.isBridge));
    const [bridge] = bridges;
    if (bridges.length !== 1 || bridge === undefined) return null;
    return { ...join(bridge, nowMs), ...NOTHING_OF_THE_LINK };
  }
}

const NOTHING_OF_THE_LINK = {
  duplex: null,
  speedBitsPerSec: null,
  autoNegotiationEnabled: null,
  nativeVlan: null,
  vlanIds: [],
  maxFrameBytes: null,
} as const;

/** A switch may speak two protocols, from one link address or under one name. */
function groupBySystem(entries: readonly Entry[]): Entry[][] {
  const systems: Entry[][] = [];
  for (const entry of entries) {
    const known = systems.find((others) =>
      others.some((other) => isSameSystem(entry.announcement, other.announcement)),
    );
    if (known === undefined) systems.push([entry]);
    else known.push(entry);
  }
  return systems;
}

function isSameSystem(a: Announcement, b: Announcement): boolean {
  if (a.from === b.from) return true;
  const name = shortenName(a.facts);
  return a.facts.protocol !== b.facts.protocol && name !== null && name === shortenName(b.facts);
}

/** Without the domain, which not every protocol tells. */
function shortenName({ systemName }: NeighbourFacts): string | null {
  return systemName?.split('.')[0]?.toLowerCase() ?? null;
}

/** LLDP's word first, then what only the other protocol tells; the newer one of the same protocol. */
function join(entries: readonly Entry[], nowMs: number): NeighbourFacts {
  const ranked = entries.toReversed().sort((a, b) => rank(a) - rank(b));
  const heardMs = Math.max(...entries.map((entry) => entry.heardMs));
  const [first, ...others] = ranked.map(({ announcement }) => announcement.facts) as [
    NeighbourFacts,
    ...NeighbourFacts[],
  ];
  const joined = others.reduce(fillGaps, first);
  return { ...joined, ageSec: Math.max(0, Math.floor((nowMs - heardMs) / MS_PER_SEC)) };
}

function rank({ announcement }: Entry): number {
  return announcement.facts.protocol === 'lldp' ? 0 : 1;
}

function fillGaps(facts: NeighbourFacts, other: NeighbourFacts): NeighbourFacts {
  return {
    protocol: facts.protocol,
    systemName: facts.systemName ?? other.systemName,
    portId: facts.portId ?? other.portId,
    portDescription: facts.portDescription ?? other.portDescription,
    duplex: facts.duplex ?? other.duplex,
    speedBitsPerSec: facts.speedBitsPerSec ?? other.speedBitsPerSec,
    autoNegotiationEnabled: facts.autoNegotiationEnabled ?? other.autoNegotiationEnabled,
    nativeVlan: facts.nativeVlan ?? other.nativeVlan,
    vlanIds: facts.vlanIds.length > 0 ? facts.vlanIds : other.vlanIds,
    maxFrameBytes: facts.maxFrameBytes ?? other.maxFrameBytes,
  };
}
