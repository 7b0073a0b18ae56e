// Ears that begin with what another process heard: a sequencer listens all the time, a single command for seconds.
import type { PortNeighbour } from '../model/link-evidence.js';
import { listenAlone, type Listen } from './link-watch.js';

const MS_PER_SEC = 1000;

export interface MemoryOptions {
  readonly listen?: Listen;
  /** A clock that never goes back, ms. */
  readonly readMs?: () => number;
}

/** What is heard now goes before what is remembered, which ages meanwhile. */
export function listenWithMemory(
  known: readonly PortNeighbour[],
  { listen = listenAlone, readMs = () => performance.now() }: MemoryOptions = {},
): Listen {
  const knownMs = readMs();
  return (port) => {
    const listening = listen(port);
    const remembered = known.find((entry) => entry.port === port)?.neighbour;
    if (listening === null || remembered === undefined) return listening;
    return {
      read: () => {
        const heard = listening.read();
        if (heard.neighbour !== null) return heard;
        const ageSec = (remembered.ageSec ?? 0) + Math.floor((readMs() - knownMs) / MS_PER_SEC);
        return { ...heard, neighbour: { ...remembered, ageSec } };
      },
      close: () => listening.close(),
    };
  };
}
