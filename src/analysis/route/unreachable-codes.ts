// What a router or host means by "destination unreachable": codes of ICMP type 3 (RFC 792, RFC 1812 5.2.7.1) and of ICMPv6 type 1
// (RFC 4443 3.1).

/** Who can mend it: the router's tables, the host that is meant, a filter's rules, or the service on the host. */
export type UnreachableCause = 'route' | 'host' | 'filter' | 'service' | 'other';

interface Meaning {
  readonly cause: UnreachableCause;
  readonly text: string;
}

const MEANINGS: Readonly<Record<4 | 6, Readonly<Record<number, Meaning>>>> = {
  4: {
    0: { cause: 'route', text: 'it has no route to that network' },
    1: { cause: 'host', text: 'the host does not answer on its link' },
    2: { cause: 'service', text: 'the host does not know this protocol' },
    3: { cause: 'service', text: 'nothing listens on that port' },
    5: { cause: 'route', text: 'a source route failed' },
    6: { cause: 'route', text: 'it does not know that network' },
    7: { cause: 'host', text: 'it does not know that host' },
    9: { cause: 'filter', text: 'that network is prohibited' },
    10: { cause: 'filter', text: 'that host is prohibited' },
    13: { cause: 'filter', text: 'a filter prohibits it' },
  },
  6: {
    0: { cause: 'route', text: 'it has no route' },
    1: { cause: 'filter', text: 'a filter prohibits it' },
    2: { cause: 'other', text: "it is beyond the source address's scope" },
    3: { cause: 'host', text: 'the host does not answer on its link' },
    4: { cause: 'service', text: 'nothing listens on that port' },
    5: { cause: 'filter', text: 'the source address fails its policy' },
    6: { cause: 'route', text: 'its route rejects the target' },
  },
};

/** `from` is the address that sent the message: it tells the version of IP. */
export function explainUnreachable(code: number, from: string): Meaning {
  const meanings = MEANINGS[from.includes(':') ? 6 : 4];
  return meanings[code] ?? { cause: 'other', text: `unreachable, code ${code}` };
}
