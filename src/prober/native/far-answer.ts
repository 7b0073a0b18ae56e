// What a reflector's packet says of the far end: its stamps, its count, the follow-up of an earlier reply and the marks it saw.
import type { StampReply } from '../../packet/reply.js';
import { parseReflectorTlvs } from '../../packet/stamp.js';
import { parseTimestamp } from '../../packet/stamp-timestamp.js';
import type { StampTlvValue } from '../../packet/stamp-tlv.js';
import type { FarAnswer, FarMarks } from './probe-kind.js';

/** The fields that its fixed part gives. */
export type ReflectedFields = Pick<
  StampReply,
  'receiveTimestampNs' | 'transmitTimestampNs' | 'sequence' | 'payloadIndex'
>;

/** `payload` is the reflector's packet with its TLVs. @throws ProtocolError for one that is too short */
export function readFarAnswer(reply: ReflectedFields, payload: Uint8Array, flow: number): FarAnswer {
  const { tlvs, format } = parseReflectorTlvs(payload);
  let followUp: FarAnswer['followUp'] = null;
  let marks: FarMarks | null = null;
  for (const tlv of tlvs) {
    if (tlv.flags.unrecognized || tlv.flags.malformed) continue;
    if (tlv.kind === 'class-of-service') marks = readMarks(tlv);
    if (tlv.kind !== 'follow-up-telemetry' || tlv.timestamp === 0n) continue;
    followUp = { sequence: tlv.sequence, sentNs: parseTimestamp(tlv.timestamp, format) };
  }
  return {
    receivedNs: reply.receiveTimestampNs,
    sentNs: reply.transmitTimestampNs,
    sequence: reply.sequence,
    isCounted: reply.sequence !== reply.payloadIndex,
    followUp,
    flow,
    marks,
  };
}

function readMarks(tlv: Extract<StampTlvValue, { kind: 'class-of-service' }>): FarMarks {
  return { receivedClass: 4 * tlv.receivedDscp + tlv.receivedEcn, isRefused: tlv.reversePath !== 0 };
}
