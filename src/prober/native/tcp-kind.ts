// Probing by TCP SYN: an open port answers with SYN-ACK (which our kernel resets), a closed one with RST. Replies are small.
import { randomInt } from 'node:crypto';
import { encodeReplyFilter } from '../../packet/filter.js';
import { computeMinProbeBytes, encodeProbe } from '../../packet/probe-packet.js';
import { TCP_FLAG } from '../../packet/tcp.js';
import type { NextHop } from './next-hop.js';
import { wrapDifference, type ProbeKind } from './probe-kind.js';

/** The port most often let through; open or closed, both answer. */
const DESTINATION_PORT = 443;
/**
 * Each SYN comes from a port of its own: a listener that still waits for the reset of one SYN answers the next from the same port
 * with the old number (RFC 9293 3.10.7.4), which would look like loss on every path whose round trip is longer than a gap. A port
 * comes again after a block of them, 10 s at MAX_PROBES_PER_SEC.
 */
const PORTS = 1024;
/** Above Linux's own ephemeral ports (32768-60999): our kernel has no connection there, so it resets what a SYN-ACK opens. */
const FIRST_BLOCK = 61_440;
const BLOCKS = 4;
/** A row takes this many sequence numbers, more than any packet holds: some resets acknowledge the data, too. */
const NUMBERS_PER_ROW = 0x1_0000;
/** More would look like a SYN flood. */
const MAX_PROBES_PER_SEC = 100;

export function createTcpKind(hop: NextHop): ProbeKind {
  const firstPort = FIRST_BLOCK + PORTS * randomInt(BLOCKS);
  let firstSequence = randomInt(2 ** 32);
  let sentBefore = 0;
  let rows = 0;
  const portOf = (index: number): number => firstPort + ((sentBefore + index) % PORTS);
  const rowOf = (sequence: number, sourcePort: number | null): number | null => {
    const index = Math.floor(wrapDifference(sequence, firstSequence, 32) / NUMBERS_PER_ROW);
    return index < rows && sourcePort === portOf(index) ? index : null;
  };
  return {
    via: 'tcp',
    label: `TCP SYN to port ${DESTINATION_PORT}`,
    minSizeBytes: computeMinProbeBytes('tcp-syn', hop.version),
    replySize: 'small',
    maxProbesPerSec: MAX_PROBES_PER_SEC,
    filter: encodeReplyFilter(
      { kind: 'tcp', target: hop.target, targetPort: DESTINATION_PORT, firstLocalPort: firstPort, localPorts: PORTS },
      hop.linkLayer,
    ),
    beginRun(count) {
      firstSequence = (firstSequence + rows * NUMBERS_PER_ROW) >>> 0;
      sentBefore += rows;
      rows = count;
    },
    encode: (envelope, index) =>
      encodeProbe(envelope, {
        kind: 'tcp-syn',
        sourcePort: portOf(index),
        destinationPort: DESTINATION_PORT,
        sequence: (firstSequence + index * NUMBERS_PER_ROW) >>> 0,
      }),
    matchAnswer(reply) {
      if (reply.kind !== 'tcp' || (reply.flags & TCP_FLAG.ack) === 0) return null;
      const index = rowOf(wrapDifference(reply.acknowledgment, 1, 32), reply.destinationPort);
      return index === null ? null : { index, far: null };
    },
    matchQuote: (quoted) => (quoted.tcpSequence === null ? null : rowOf(quoted.tcpSequence, quoted.sourcePort)),
    ownsQuote: ({ tcpSequence, sourcePort }) =>
      tcpSequence !== null && sourcePort !== null && sourcePort >= firstPort && sourcePort < firstPort + PORTS,
    farChannel: null,
    close() {
      // Nothing is held.
    },
  };
}
