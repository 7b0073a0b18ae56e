// The request for a train octet by octet, and what is read from an answer, from a packet of a train, and from anything else.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { putUint32, putUint64 } from '../../../src/packet/octets.js';
import { encodeTrainRequest, parseTrainWord, type TrainRequest } from '../../../src/packet/stamp-train.js';
import { encodeStampTlv, parseStampTlvs, type StampTlv } from '../../../src/packet/stamp-tlv.js';
import { check, octetsOf } from './properties.js';

const REQUEST: TrainRequest = {
  operation: 'run',
  run: 9,
  cookie: 0x0102030405060708n,
  shape: {
    packetBytes: 1472,
    trafficClass: 184,
    bursts: 3,
    packets: 50,
    spreadFactor: 1.25,
    firstGapNs: 1000.5,
    spacingNs: 5_000_000_000,
  },
};
const HEX =
  '80fc0038' +
  '0200b800' +
  '00000009' +
  '0102030405060708' +
  '05c00000' +
  '00000003' +
  '00000032' +
  '00500000' +
  '00000003e8800000' +
  '012a05f200000000' +
  '0000000000000000';

const ANSWERED = { unrecognized: false, malformed: false, integrityFailed: false };

function answerOf(request: StampTlv, fields: { status: number; cookie: bigint; handedOver: number }): StampTlv {
  if (request.kind !== 'other') assert.fail('a request is a TLV of a private type');
  const data = Uint8Array.from(request.data);
  data[1] = fields.status;
  putUint64(data, 8, fields.cookie);
  putUint32(data, 48, fields.handedOver);
  return { ...request, data, flags: ANSWERED };
}

test('a request octet by octet', () => {
  assert.equal(Buffer.from(encodeStampTlv(encodeTrainRequest(REQUEST))).toString('hex'), HEX);
});

test('an answer tells the run, the cookie, the state and the count', () => {
  const told = { status: 3, cookie: 2n ** 64n - 1n, handedOver: 150 };
  const answer = answerOf(encodeTrainRequest(REQUEST), told);
  assert.deepEqual(parseTrainWord(answer), { kind: 'answer', run: 9, ...told });
});

test('a packet of a train tells its run and index', () => {
  const data = Uint8Array.of(4, 0, 0, 0, 0, 0, 0, 9, 1, 2, 3, 4);
  const word = parseTrainWord({ kind: 'other', type: 252, data, flags: ANSWERED });
  assert.deepEqual(word, { kind: 'packet', run: 9, index: 0x01020304 });
});

test('a reflector that does not know the TLV, or finds it malformed, has said nothing', () => {
  const request = encodeTrainRequest(REQUEST);
  const answer = answerOf(request, { status: 1, cookie: 1n, handedOver: 0 });
  assert.equal(parseTrainWord(request), null);
  assert.equal(parseTrainWord({ ...answer, flags: { ...ANSWERED, malformed: true } }), null);
  // Some clear the flag of every TLV and leave the rest as it came.
  assert.equal(parseTrainWord({ ...request, flags: ANSWERED }), null);
});

test('any octets are read without harm', () => {
  check(fc.tuple(octetsOf(0, 80), fc.nat(80)), ([bytes, length]) => {
    for (const tlv of parseStampTlvs(Uint8Array.of(0, 252, 0, length, ...bytes)).tlvs) parseTrainWord(tlv);
  });
});
