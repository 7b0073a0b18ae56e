// Probing by TCP SYN: an open port answers with SYN-ACK (which our kernel resets), a closed one with RST. Replies are small.
import { randomInt } from 'node:crypto';
import { encodeReplyFilter } from '../../packet/filter.js';
import { computeMinProbeBytes, encodeProbe } from '../../packet/probe-packet.js';
import { TCP_FLAG } from '../../packet/tcp.js';
import type { NextHop } from './next-hop.js';
import { wrapDifference, type ProbeKind } from './probe-kind.js';

/** The port most often let through; open or closed, both answer. */
const DESTINATION_PORT = 443;
/** Ephemeral range of RFC 6335; our kernel has no connection there, so it resets what a SYN-ACK opens. */
const EPHEMERAL = { first: 49_152, end: 65_536 } as const;
/** A row takes this many sequence numbers, more than any packet holds: some resets acknowledge the data, too. */
const NUMBERS_PER_ROW = 0x1_0000;
/** More would look like a SYN flood. */
const MAX_PROBES_PER_SEC = 100;

export function createTcpKind(hop: NextHop): ProbeKind {
  const sourcePort = randomInt(EPHEMERAL.first, EPHEMERAL.end);
  let firstSequence = randomInt(2 ** 32);
  let rows = 0;
  const rowOf = (sequence: number): number | null => {
    const index = Math.floor(wrapDifference(sequence, firstSequence, 32) / NUMBERS_PER_ROW);
    return index < rows ? index : null;
  };
  return {
    via: 'tcp',
    label: `TCP SYN to port ${DESTINATION_PORT}`,
    minSizeBytes: computeMinProbeBytes('tcp-syn', hop.version),
    replySize: 'small',
    maxProbesPerSec: MAX_PROBES_PER_SEC,
    filter: encodeReplyFilter(
      { kind: 'tcp', target: hop.target, targetPort: DESTINATION_PORT, localPort: sourcePort },
      hop.linkLayer,
    ),
    beginRun(count) {
      firstSequence = (firstSequence + rows * NUMBERS_PER_ROW) >>> 0;
      rows = count;
    },
    encode: (envelope, index) =>
      encodeProbe(envelope, {
        kind: 'tcp-syn',
        sourcePort,
        destinationPort: DESTINATION_PORT,
        sequence: (firstSequence + index * NUMBERS_PER_ROW) >>> 0,
      }),
    matchAnswer(reply) {
      if (reply.kind !== 'tcp' || (reply.flags & TCP_FLAG.ack) === 0) return null;
      const index = rowOf(wrapDifference(reply.acknowledgment, 1, 32));
      return index === null ? null : { index, far: null };
    },
    matchQuote: (quoted) =>
      quoted.sourcePort === sourcePort && quoted.tcpSequence !== null ? rowOf(quoted.tcpSequence) : null,
    close() {
      // Nothing is held.
    },
  };
}
