// Probing a STAMP reflector (RFC 8762, 8972): it stamps arrival and departure, counts its replies, and with follow-up telemetry
// says afterwards when its kernel really let each reply go.
import { randomInt } from 'node:crypto';
import { encodeReplyFilter } from '../../packet/filter.js';
import { computeMinProbeBytes, encodeProbe } from '../../packet/probe-packet.js';
import type { StampReply } from '../../packet/reply.js';
import { parseStampReflector } from '../../packet/stamp.js';
import { parseTimestamp } from '../../packet/stamp-timestamp.js';
import { SENDER_TLV_FLAGS, type StampTlv, type StampTlvValue } from '../../packet/stamp-tlv.js';
import type { NextHop } from './next-hop.js';
import { wrapDifference, type FarAnswer, type FarMarks, type ProbeKind } from './probe-kind.js';
import { reserveSourcePort } from './raw-port.js';

const FOLLOW_UP: StampTlv = {
  kind: 'follow-up-telemetry',
  sequence: 0,
  timestamp: 0n,
  stampMethod: 0,
  flags: SENDER_TLV_FLAGS,
};
const FIRST_SEQUENCE = { least: 2 ** 30, end: 2 ** 31 };
/** We do not know our clock's error: the largest multiplier at 2^-16 s, about 4 ms, and not synchronised. */
const ERROR_ESTIMATE = { synchronized: false, scale: 16, multiplier: 255 };

export function createStampKind(hop: NextHop, destinationPort: number): ProbeKind {
  const reserved = reserveSourcePort(hop.version);
  const sourcePort = reserved.udpPort;
  const ssid = randomInt(1, 0x1_0000);
  // Far from the 0 at which a stateful reflector begins to count, so that one which only copies our numbers is recognised.
  let firstSequence = randomInt(FIRST_SEQUENCE.least, FIRST_SEQUENCE.end);
  let rows = 0;
  const rowOf = (sequence: number | null): number | null => {
    if (sequence === null) return null;
    const index = wrapDifference(sequence, firstSequence, 32);
    return index < rows ? index : null;
  };
  return {
    via: 'stamp',
    label: `STAMP on udp/${destinationPort}`,
    minSizeBytes: computeMinProbeBytes('stamp', hop.version),
    replySize: 'same',
    maxProbesPerSec: null,
    filter: encodeReplyFilter(
      { kind: 'udp', target: hop.target, targetPort: destinationPort, localPort: sourcePort },
      hop.linkLayer,
    ),
    beginRun(count) {
      firstSequence = (firstSequence + rows) >>> 0;
      rows = count;
    },
    encode: (envelope, index) =>
      encodeProbe(envelope, {
        kind: 'stamp',
        sourcePort,
        destinationPort,
        payloadIndex: (firstSequence + index) >>> 0,
        ssid,
        errorEstimate: ERROR_ESTIMATE,
        tlvs: [FOLLOW_UP, askForMarks(envelope.trafficClass)],
      }),
    matchAnswer(reply, frame) {
      if (reply.kind !== 'stamp' || reply.destinationPort !== sourcePort) return null;
      const index = rowOf(reply.payloadIndex);
      return index === null ? null : { index, far: readFarAnswer(reply, frame) };
    },
    matchQuote: (quoted) => (quoted.sourcePort === sourcePort ? rowOf(quoted.payloadIndex) : null),
    close: () => reserved.close(),
  };
}

/** The reply is to carry the DSCP of the request, whatever became of it on the way there. */
function askForMarks(trafficClass: number): StampTlv {
  const value = { kind: 'class-of-service', wantedDscp: trafficClass >> 2, receivedDscp: 0, receivedEcn: 0 } as const;
  return { ...value, reversePath: 0, flags: SENDER_TLV_FLAGS };
}

function readMarks(tlv: Extract<StampTlvValue, { kind: 'class-of-service' }>): FarMarks {
  return { receivedClass: 4 * tlv.receivedDscp + tlv.receivedEcn, isRefused: tlv.reversePath !== 0 };
}

function readFarAnswer(reply: StampReply, frame: Uint8Array): FarAnswer {
  const packet = parseStampReflector(frame.subarray(reply.payloadAt, reply.payloadAt + reply.payloadLength));
  let followUp: FarAnswer['followUp'] = null;
  let marks: FarMarks | null = null;
  for (const tlv of packet.tlvs) {
    if (tlv.flags.unrecognized || tlv.flags.malformed) continue;
    if (tlv.kind === 'class-of-service') marks = readMarks(tlv);
    if (tlv.kind !== 'follow-up-telemetry' || tlv.timestamp === 0n) continue;
    followUp = { sequence: tlv.sequence, sentNs: parseTimestamp(tlv.timestamp, packet.errorEstimate.format) };
  }
  return {
    receivedNs: reply.receiveTimestampNs,
    sentNs: reply.transmitTimestampNs,
    sequence: reply.sequence,
    isCounted: reply.sequence !== reply.payloadIndex,
    followUp,
    marks,
  };
}
