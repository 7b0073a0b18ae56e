// Probing a STAMP reflector (RFC 8762, 8972): it stamps arrival and departure, counts its replies, and with follow-up telemetry
// says afterwards when its kernel really let each reply go.
import { randomInt } from 'node:crypto';
import { encodeReplyFilter } from '../../packet/filter.js';
import { computeMinProbeBytes, encodeProbe } from '../../packet/probe-packet.js';
import { createProbeSeries } from '../../packet/probe-series.js';
import { parseStampReflector } from '../../packet/stamp.js';
import { encodeTrainRequest, parseTrainWord } from '../../packet/stamp-train.js';
import { SENDER_TLV_FLAGS, type StampTlv } from '../../packet/stamp-tlv.js';
import { readFarAnswer } from './far-answer.js';
import type { NextHop } from './next-hop.js';
import { wrapDifference, type FarChannel, type ProbeKind } from './probe-kind.js';
import { reserveFlowPorts } from './raw-port.js';

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
  const flowPorts = reserveFlowPorts(hop.version);
  const [sourcePort] = flowPorts.udpPorts;
  const series = createProbeSeries();
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
      { kind: 'udp', target: hop.target, targetPort: destinationPort, localPorts: flowPorts.udpPorts },
      hop.linkLayer,
    ),
    beginRun(count) {
      series.restart();
      firstSequence = (firstSequence + rows) >>> 0;
      rows = count;
    },
    encode(envelope, index, flow) {
      const payloadIndex = (firstSequence + index) >>> 0;
      return series.encode(envelope, flow, { payloadIndex, sequence: 0 }, () => ({
        kind: 'stamp',
        sourcePort: flowPorts.portOf(flow),
        destinationPort,
        payloadIndex,
        ssid,
        errorEstimate: ERROR_ESTIMATE,
        tlvs: [FOLLOW_UP, askForMarks(envelope.trafficClass)],
      }));
    },
    matchAnswer(reply, frame) {
      const flow = reply.kind === 'stamp' ? flowPorts.flowOf(reply.destinationPort) : -1;
      if (reply.kind !== 'stamp' || flow < 0) return null;
      const index = rowOf(reply.payloadIndex);
      const payload = frame.subarray(reply.payloadAt, reply.payloadAt + reply.payloadLength);
      return index === null ? null : { index, far: readFarAnswer(reply, payload, flow) };
    },
    matchQuote: (quoted) => (flowPorts.flowOf(quoted.sourcePort) < 0 ? null : rowOf(quoted.payloadIndex)),
    ownsQuote: (quoted) => flowPorts.flowOf(quoted.sourcePort) >= 0 && quoted.destinationPort === destinationPort,
    farChannel: createFarChannel({ sourcePort, destinationPort, ssid: ssid ^ 1 }),
    close: () => flowPorts.close(),
  };
}

interface FarSession {
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** Of its own, so that its packets leave no gaps in what the reflector counts of ours. */
  readonly ssid: number;
}

function createFarChannel({ sourcePort, destinationPort, ssid }: FarSession): FarChannel {
  return {
    encodeRequest: (envelope, request, number) =>
      encodeProbe(envelope, {
        kind: 'stamp',
        sourcePort,
        destinationPort,
        // Numbers of rows begin at FIRST_SEQUENCE.least; an answer to a request is none of theirs.
        payloadIndex: number,
        ssid,
        errorEstimate: ERROR_ESTIMATE,
        tlvs: [encodeTrainRequest(request)],
      }),
    parse(reply, frame) {
      if (reply.kind !== 'stamp' || reply.destinationPort !== sourcePort || reply.ssid !== ssid) return null;
      const packet = parseStampReflector(frame.subarray(reply.payloadAt, reply.payloadAt + reply.payloadLength));
      const word = packet.tlvs[0] === undefined ? null : parseTrainWord(packet.tlvs[0]);
      return word === null ? null : { ...word, sentNs: reply.transmitTimestampNs, sizeBytes: reply.sizeBytes };
    },
  };
}

/** The reply is to carry the DSCP of the request, whatever became of it on the way there. */
function askForMarks(trafficClass: number): StampTlv {
  const value = { kind: 'class-of-service', wantedDscp: trafficClass >> 2, receivedDscp: 0, receivedEcn: 0 } as const;
  return { ...value, reversePath: 0, flags: SENDER_TLV_FLAGS };
}
