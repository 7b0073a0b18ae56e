// Listens on all Ethernet ports of a process that stays: neighbours speak every half minute or so, and whoever asks in between is
// told what was said last. Sends nothing.
import type { HeardOnLink, PortNeighbour } from '../model/link-evidence.js';
import { LinkListener, MACHINE_LINK, type LinkSource } from './link-listener.js';
import { listPortNames } from './port-facts.js';
import { readInterface } from './native-host.js';

/** Ears on one port, for as long as somebody needs them. */
export interface Listening {
  /** What is known now. */
  read(): HeardOnLink;
  /** Safe to call twice. */
  close(): void;
}

/** null where nobody can listen on this port. */
export type Listen = (port: string) => Listening | null;

/** For the time of one examination only. */
export const listenAlone: Listen = (port) => LinkListener.open(port);

export interface LinkWatch {
  readonly listen: Listen;
  /** Ports whose other end is known. */
  listNeighbours(): PortNeighbour[];
  close(): void;
}

/** Often enough that the age of what was heard is true to some seconds, and that no socket runs full. */
const READ_MS = 2000;
/** Ports come and go: every this many reads. */
const READS_PER_SEARCH = 15;
/** ARPHRD_ETHER of linux/if_arp.h. */
const ETHERNET = 1;

export interface WatchSource extends LinkSource {
  readonly listEthernetPorts: () => readonly string[];
}

const MACHINE: WatchSource = {
  ...MACHINE_LINK,
  listEthernetPorts: () => listPortNames().filter((name) => readInterface(name)?.hardwareType === ETHERNET),
};

export function startLinkWatch(source: WatchSource = MACHINE): LinkWatch {
  const listeners = new Map<string, LinkListener>();
  const listen = (port: string): LinkListener | null => {
    const listener = listeners.get(port) ?? LinkListener.open(port, source);
    if (listener !== null) listeners.set(port, listener);
    return listener;
  };
  const search = (): void => {
    const there = source.listEthernetPorts();
    for (const [port, listener] of listeners) {
      if (there.includes(port)) continue;
      listener.close();
      listeners.delete(port);
    }
    for (const port of there) listen(port);
  };
  let reads = 0;
  const timer = setInterval(() => {
    reads += 1;
    if (reads % READS_PER_SEARCH === 0) search();
    for (const listener of listeners.values()) listener.read();
  }, READ_MS);
  timer.unref();
  search();
  return {
    listen: (port) => {
      const listener = listen(port);
      return listener === null ? null : { read: () => listener.read(), close: () => undefined };
    },
    listNeighbours: () =>
      [...listeners].flatMap(([port, listener]) => {
        const { neighbour } = listener.read();
        return neighbour === null ? [] : [{ port, neighbour }];
      }),
    close: () => {
      clearInterval(timer);
      for (const listener of listeners.values()) listener.close();
      listeners.clear();
    },
  };
}
