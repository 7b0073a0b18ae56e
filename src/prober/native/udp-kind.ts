// Probing a closed UDP port: the target answers each datagram with "port unreachable", small whatever the request's size.
import { randomInt } from 'node:crypto';
import { encodeReplyFilter } from '../../packet/filter.js';
import { PAYLOAD_TAG_BYTES } from '../../packet/payload-tag.js';
import { computeMinProbeBytes, encodeProbe } from '../../packet/probe-packet.js';
import { equalOctets } from '../../packet/octets.js';
import type { QuotedProbe } from '../../packet/reply.js';
import type { NextHop } from './next-hop.js';
import { wrapDifference, type ProbeKind } from './probe-kind.js';
import { reserveFlowPorts } from './raw-port.js';

/** First port of traceroute's range: hosts leave it closed, firewalls often know it. */
const CLOSED_PORT = 33434;
/** "Port unreachable": the code of type 3 in ICMP and of type 1 in ICMPv6. */
const PORT_UNREACHABLE = { 4: 3, 6: 4 } as const;
/** Linux sends a host one such message a second after a burst of six (icmp_ratelimit); others are no faster. */
const MAX_PROBES_PER_SEC = 1;

export function createUdpKind(hop: NextHop): ProbeKind {
  const flowPorts = reserveFlowPorts(hop.version);
  let runTag = 0;
  let rows = 0;
  let firstId = 0;
  const ownsQuote = (quoted: QuotedProbe): boolean =>
    flowPorts.flowOf(quoted.sourcePort) >= 0 && quoted.destinationPort === CLOSED_PORT;
  const matchQuote = (quoted: QuotedProbe): number | null => {
    if (!ownsQuote(quoted)) return null;
    if (quoted.runTag !== null && quoted.runTag !== runTag) return null;
    // A quote of 8 bytes ends before our tag; in IPv4 the identification still tells the row.
    const index = quoted.payloadIndex ?? (hop.version === 4 ? wrapDifference(quoted.ipId, firstId, 16) : rows);
    return index < rows ? index : null;
  };
  return {
    via: 'udp',
    label: `UDP to the closed port ${CLOSED_PORT}`,
    minSizeBytes: computeMinProbeBytes('udp', hop.version) + PAYLOAD_TAG_BYTES,
    replySize: 'small',
    maxProbesPerSec: MAX_PROBES_PER_SEC,
    filter: encodeReplyFilter(
      { kind: 'udp', target: hop.target, targetPort: CLOSED_PORT, localPorts: flowPorts.udpPorts },
      hop.linkLayer,
    ),
    beginRun(count) {
      firstId = (firstId + rows) & 0xffff;
      rows = count;
      runTag = randomInt(2 ** 32);
    },
    encode: (envelope, index, flow) =>
      encodeProbe(
        { ...envelope, ipId: (firstId + index) & 0xffff },
        {
          kind: 'udp',
          sourcePort: flowPorts.portOf(flow),
          destinationPort: CLOSED_PORT,
          tag: { runTag, payloadIndex: index },
        },
      ),
    matchAnswer(reply) {
      if (reply.kind === 'udp') {
        // Somebody listens there after all and echoes.
        const index = reply.runTag === runTag ? reply.payloadIndex : null;
        return index !== null && index < rows ? { index, far: null } : null;
      }
      const isAnswer =
        reply.kind === 'icmp-error' &&
        reply.errorKind === 'unreachable' &&
        reply.code === PORT_UNREACHABLE[hop.version] &&
        equalOctets(reply.source, hop.target);
      if (!isAnswer) return null;
      const index = matchQuote(reply.quoted);
      return index === null ? null : { index, far: null, quotedClass: reply.quoted.trafficClass };
    },
    matchQuote,
    ownsQuote,
    farChannel: null,
    close: () => flowPorts.close(),
  };
}
