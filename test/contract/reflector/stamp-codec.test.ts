// The reflector's C and the codec of src/packet speak the same STAMP: each reads what the other wrote, octet for octet.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { STAMP_BYTES, encodeStampReflector, parseStampReflector, parseStampSender } from '../../../src/packet/stamp.js';
import type { StampTlvValue } from '../../../src/packet/stamp-tlv.js';
import { startReflector, type RunningReflector } from '../../../src/sequencer/reflector/adapter.js';
import { FOLLOW_UP_REQUEST, StampClient, makeRequest } from '../../live/reflector/stamp-client.js';

const HOST = '127.0.0.1';
const SEED = 8762;
let reflector: RunningReflector;
let client: StampClient;
let port: number;

before(async () => {
  reflector = startReflector({ udpPorts: [0] });
  port = reflector.udpPorts[0] ?? 0;
  client = await StampClient.open(HOST);
});

after(async () => {
  client.close();
  await reflector.close();
});

const zeros = (length: number): Uint8Array => new Uint8Array(length);
const EVERY_TLV: readonly StampTlvValue[] = [
  { kind: 'extra-padding', data: Uint8Array.of(1, 2, 3) },
  { kind: 'location', destinationPort: 0, sourcePort: 0, subTlvs: Uint8Array.of(0x80, 7, 0, 16, ...zeros(16)) },
  {
    kind: 'timestamp-information',
    syncSourceIn: 0,
    stampMethodIn: 0,
    syncSourceOut: 0,
    stampMethodOut: 0,
    subTlvs: zeros(0),
  },
  { kind: 'class-of-service', wantedDscp: 10, receivedDscp: 0, receivedEcn: 0, reversePath: 0 },
  { kind: 'direct-measurement', senderTxCount: 77, reflectorRxCount: 0, reflectorTxCount: 0 },
  FOLLOW_UP_REQUEST,
  { kind: 'other', type: 200, data: Uint8Array.of(9) },
  { kind: 'hmac', hmac: zeros(16) },
];

test('every TLV comes back answered, and the codec reads it', async () => {
  const before = BigInt(Date.now()) * 1_000_000n;
  const request = makeRequest({ sequence: 5, ssid: 0x1234, tlvs: EVERY_TLV });
  const { bytes } = await client.ask(request, port, HOST);
  const reply = parseStampReflector(bytes);
  const sent = parseStampSender(request);
  assert.equal(bytes.length, request.length);
  assert.equal(reply.senderSequence, 5);
  assert.equal(reply.senderTimestampNs, sent.timestampNs);
  assert.deepEqual(reply.senderErrorEstimate, sent.errorEstimate);
  assert.equal(reply.senderTtl, 64);
  assert.equal(reply.ssid, 0x1234);
  assert.equal(reply.errorEstimate.format, 'ntp');
  assert.ok(reply.errorEstimate.multiplier > 0);
  assert.ok(reply.receiveTimestampNs !== null && reply.receiveTimestampNs >= before);
  assert.ok(reply.timestampNs !== null && reply.timestampNs >= reply.receiveTimestampNs);

  const [padding, location, information, service, measurement, followUp, unknown, hmac] = reply.tlvs;
  assert.deepEqual(
    reply.tlvs.map((tlv) => tlv.flags.unrecognized),
    [false, false, false, false, false, false, true, true],
  );
  assert.ok(reply.tlvs.every((tlv) => !tlv.flags.malformed && !tlv.flags.integrityFailed));
  assert.deepEqual(padding, { kind: 'extra-padding', data: Buffer.of(1, 2, 3), flags: padding?.flags });
  assert.ok(location?.kind === 'location' && location.destinationPort === port);
  assert.equal(location.sourcePort, client.socket.address().port);
  assert.deepEqual([...location.subTlvs.subarray(0, 8)], [0, 8, 0, 16, 127, 0, 0, 1]);
  assert.ok(information?.kind === 'timestamp-information');
  assert.deepEqual([information.stampMethodIn, information.stampMethodOut], [2, 2]);
  assert.equal(information.syncSourceIn, reply.errorEstimate.synchronized ? 1 : 5);
  assert.ok(service?.kind === 'class-of-service');
  assert.deepEqual([service.wantedDscp, service.receivedDscp, service.reversePath], [10, 0, 0]);
  assert.ok(measurement?.kind === 'direct-measurement');
  assert.deepEqual([measurement.senderTxCount, measurement.reflectorRxCount, measurement.reflectorTxCount], [77, 1, 1]);
  assert.ok(followUp?.kind === 'follow-up-telemetry' && followUp.timestamp === 0n);
  assert.ok(unknown?.kind === 'other' && hmac?.kind === 'hmac');
});

test('the codec writes the same octets that the reflector sent', async () => {
  const { bytes } = await client.ask(makeRequest({ tlvs: EVERY_TLV, paddingBytes: 3 }), port, HOST);
  const mirrored = encodeStampReflector(parseStampReflector(bytes));
  assert.equal(Buffer.from(mirrored).toString('hex'), Buffer.from(bytes).toString('hex'));
});

test('any request of the codec is answered in its own length and read back', async () => {
  const fields = fc.record({
    sequence: fc.nat(0xffff_ffff),
    ssid: fc.nat(0xffff),
    paddingBytes: fc.nat(200),
    tlvs: fc.array(fc.constantFrom(...EVERY_TLV), { maxLength: 5 }),
  });
  await fc.assert(
    fc.asyncProperty(fields, async (request) => {
      const sent = makeRequest(request);
      const { bytes } = await client.ask(sent, port, HOST);
      const reply = parseStampReflector(bytes);
      assert.equal(bytes.length, sent.length);
      assert.equal(reply.senderSequence, request.sequence);
      assert.equal(reply.ssid, request.ssid);
      assert.equal(reply.tlvs.length, request.tlvs.length);
      assert.ok(bytes.length >= STAMP_BYTES);
    }),
    { seed: SEED, numRuns: 300 },
  );
});
