// Probing by ICMP or ICMPv6 echo: any host answers, in both directions at the same size, but stamps nothing.
import { randomInt } from 'node:crypto';
import { encodeReplyFilter } from '../../packet/filter.js';
import { computeMinProbeBytes } from '../../packet/probe-packet.js';
import { createProbeSeries } from '../../packet/probe-series.js';
import { PAYLOAD_TAG_BYTES } from '../../packet/payload-tag.js';
import type { QuotedProbe } from '../../packet/reply.js';
import type { NextHop } from './next-hop.js';
import { wrapDifference, type ProbeKind } from './probe-kind.js';

/** An identifier for each flow a schedule may have: echoes have no ports, and whoever balances flows takes it for one. */
const FLOWS = 2;

export function createIcmpKind(hop: NextHop): ProbeKind {
  const firstIdentifier = FLOWS * randomInt(0x1_0000 / FLOWS);
  const isOurs = (identifier: number | null): boolean =>
    identifier !== null && identifier - firstIdentifier >= 0 && identifier - firstIdentifier < FLOWS;
  const series = createProbeSeries();
  let runTag = 0;
  let rows = 0;
  let firstSequence = 0;
  return {
    via: 'icmp',
    label: 'ICMP echo',
    minSizeBytes: computeMinProbeBytes('icmp', hop.version) + PAYLOAD_TAG_BYTES,
    replySize: 'same',
    maxProbesPerSec: null,
    filter: encodeReplyFilter({ kind: 'icmp', target: hop.target, firstIdentifier, identifiers: FLOWS }, hop.linkLayer),
    beginRun(count) {
      series.restart();
      firstSequence = (firstSequence + rows) & 0xffff;
      rows = count;
      runTag = randomInt(2 ** 32);
    },
    encode(envelope, index, flow) {
      const numbers = { sequence: (firstSequence + index) & 0xffff, payloadIndex: index };
      return series.encode(envelope, flow, numbers, () => ({
        kind: 'icmp',
        identifier: firstIdentifier + (flow === 0 ? 0 : 1),
        sequence: numbers.sequence,
        tag: { runTag, payloadIndex: index },
      }));
    },
    matchAnswer(reply) {
      if (reply.kind !== 'echo-reply' || !isOurs(reply.identifier) || reply.runTag !== runTag) return null;
      const index = reply.payloadIndex;
      return index !== null && index < rows ? { index, far: null } : null;
    },
    matchQuote(quoted: QuotedProbe) {
      if (!isOurs(quoted.icmpIdentifier) || quoted.icmpSequence === null) return null;
      if (quoted.runTag !== null && quoted.runTag !== runTag) return null;
      // Routers that quote only 8 bytes leave the 16-bit number; beyond 65,536 packets it is ambiguous and the lowest row is taken.
      const index = quoted.payloadIndex ?? wrapDifference(quoted.icmpSequence, firstSequence, 16);
      return index < rows ? index : null;
    },
    ownsQuote: (quoted) => isOurs(quoted.icmpIdentifier),
    farChannel: null,
    close() {
      // Nothing is held.
    },
  };
}
