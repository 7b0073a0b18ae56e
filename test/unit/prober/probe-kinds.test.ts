// The four ways of probing: each knows the answers to its own run, over any error message that quotes enough, and nothing else.
import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';
import { createIcmpKind } from '../../../src/prober/native/icmp-kind.js';
import type { NextHop } from '../../../src/prober/native/next-hop.js';
import { wrapDifference, type ProbeKind } from '../../../src/prober/native/probe-kind.js';
import { createStampKind } from '../../../src/prober/native/stamp-kind.js';
import { createTcpKind } from '../../../src/prober/native/tcp-kind.js';
import { createUdpKind } from '../../../src/prober/native/udp-kind.js';
import { encodeNtpTimestamp } from '../../../src/packet/stamp-timestamp.js';
import { parseReply } from '../../../src/packet/reply-match.js';
import { TCP_FLAG } from '../../../src/packet/tcp.js';
import { ProtocolError } from '../../../src/model/errors.js';
import fc from 'fast-check';
import { check, octetsOf } from '../packet/properties.js';
import * as farEnd from './far-end.js';
import { complain, createHop, encodeRow, match, matchQuote } from './far-end.js';

const UNREACHABLE = { 4: { type: 3, code: 1 }, 6: { type: 1, code: 3 } } as const;
const PORT_UNREACHABLE = { 4: { type: 3, code: 3 }, 6: { type: 1, code: 4 } } as const;
const IP_HEADER_BYTES = { 4: 20, 6: 40 } as const;
const REFLECTION = { sequence: 5, receivedNs: 1_000n, sentNs: 2_000n };

interface Way {
  readonly create: (hop: NextHop) => ProbeKind;
  readonly answer: (frame: Uint8Array, hop: NextHop) => Uint8Array;
  /** Whether 8 octets of the transport header tell the row. */
  readonly shortQuote: (version: 4 | 6) => boolean;
}

const WAYS: Record<'icmp' | 'udp' | 'tcp' | 'stamp', Way> = {
  icmp: { create: createIcmpKind, answer: farEnd.answerEcho, shortQuote: () => true },
  udp: {
    create: createUdpKind,
    answer: (frame, { target, version }) => complain(frame, { ...PORT_UNREACHABLE[version], from: target }),
    shortQuote: (version) => version === 4,
  },
  tcp: {
    create: createTcpKind,
    answer: (frame) => farEnd.answerSyn(frame, TCP_FLAG.syn | TCP_FLAG.ack),
    shortQuote: () => true,
  },
  stamp: {
    create: (hop) => createStampKind(hop, 3237),
    answer: (frame) => farEnd.answerStamp(frame, REFLECTION),
    shortQuote: () => false,
  },
};

const opened: ProbeKind[] = [];
afterEach(() => opened.splice(0).forEach((kind) => kind.close()));

function open(way: Way, hop: NextHop): ProbeKind {
  const kind = way.create(hop);
  opened.push(kind);
  return kind;
}

for (const [name, way] of Object.entries(WAYS)) {
  for (const version of [4, 6] as const) {
    describe(`${name} over IPv${version}`, () => testWay(name, way, version));
  }
}

function testWay(name: string, way: Way, version: 4 | 6): void {
  const hop = createHop(version);

  test('an answer gives its row', () => {
    const kind = open(way, hop);
    kind.beginRun(3);
    for (const row of [0, 2]) assert.equal(match(kind, way.answer(encodeRow(kind, hop, row), hop))?.index, row);
  });

  test('both flows are answered, each from and to its own port or identifier', () => {
    const kind = open(way, hop);
    kind.beginRun(4);
    const frames = [0, 1, 2, 3].map((row) => encodeRow(kind, hop, row, { flow: row % 2 }));
    assert.deepEqual(
      frames.map((frame) => match(kind, way.answer(frame, hop))?.index),
      [0, 1, 2, 3],
    );
    assert.deepEqual(
      frames.map((frame) => matchQuote(kind, complain(frame, UNREACHABLE[version]))),
      [0, 1, 2, 3],
    );
    const keys = frames.map(farEnd.readFlowKey);
    assert.equal(keys[0] === keys[1], false);
    if (name !== 'tcp') assert.deepEqual([keys[2], keys[3]], [keys[0], keys[1]]);
  });

  test('a straggler of an earlier run, and an answer to a row that the run does not have, match nothing', () => {
    const kind = open(way, hop);
    kind.beginRun(3);
    const stragglers = [0, 1, 2].map((row) => way.answer(encodeRow(kind, hop, row), hop));
    kind.beginRun(2);
    for (const straggler of stragglers) assert.equal(match(kind, straggler), null);
    assert.equal(match(kind, way.answer(encodeRow(kind, hop, 2), hop)), null);
    assert.equal(match(kind, way.answer(encodeRow(kind, hop, 1), hop))?.index, 1);
  });

  test('an answer to another prober matches nothing', () => {
    const [ours, theirs] = [open(way, hop), open(way, hop)];
    ours.beginRun(3);
    theirs.beginRun(3);
    assert.equal(match(ours, way.answer(encodeRow(theirs, hop, 1), hop)), null);
    assert.equal(matchQuote(ours, complain(encodeRow(theirs, hop, 1), UNREACHABLE[version])), null);
  });

  test('an error message is no answer, and tells the row it quotes', () => {
    const kind = open(way, hop);
    kind.beginRun(3);
    const error = complain(encodeRow(kind, hop, 2), UNREACHABLE[version]);
    assert.equal(match(kind, error), null);
    assert.equal(matchQuote(kind, error), 2);
    kind.beginRun(3);
    assert.equal(matchQuote(kind, error), null, 'of an earlier run');
  });

  test('a quote of 8 octets of transport header', () => {
    const kind = open(way, hop);
    const short = { ...UNREACHABLE[version], quoteBytes: IP_HEADER_BYTES[version] + 8 };
    kind.beginRun(70);
    const straggler = complain(encodeRow(kind, hop, 2), short);
    kind.beginRun(3);
    assert.equal(matchQuote(kind, straggler), null, 'of an earlier run');
    // One kind of probe sends its own identification, which the short quote of UDP is recognised by.
    const error = complain(encodeRow(kind, hop, 1), short);
    assert.equal(matchQuote(kind, error), way.shortQuote(version) ? 1 : null);
  });

  test('16-bit numbers wrap in the middle of a run', () => {
    const kind = open(way, hop);
    kind.beginRun(65_530);
    kind.beginRun(20);
    for (const row of [0, 5, 6, 19]) {
      assert.equal(match(kind, way.answer(encodeRow(kind, hop, row), hop))?.index, row);
      const short = { ...UNREACHABLE[version], quoteBytes: IP_HEADER_BYTES[version] + 8 };
      const quoted = matchQuote(kind, complain(encodeRow(kind, hop, row), short));
      assert.equal(quoted, way.shortQuote(version) ? row : null);
    }
  });

  test('hostile frames match nothing and throw nothing but ProtocolError', () => {
    const kind = open(way, hop);
    kind.beginRun(100);
    const answer = way.answer(encodeRow(kind, hop, 7), hop);
    check(fc.tuple(octetsOf(0, 160), fc.nat(160), fc.nat(159), fc.nat(255)), ([bytes, asAnswer, at, value]) => {
      bytes.set(answer.subarray(0, Math.min(asAnswer, bytes.length)));
      if (at < bytes.length) bytes[at] = value;
      try {
        const row = match(kind, bytes)?.index ?? matchQuote(kind, bytes) ?? 0;
        assert.ok(Number.isInteger(row) && row >= 0 && row < 100, `row ${row}`);
      } catch (error) {
        if (!(error instanceof ProtocolError)) throw error;
      }
    });
  });
}

test('tcp: a reset that acknowledges the data, too, is an answer; one without acknowledgment is not', () => {
  const hop = createHop(4);
  const kind = open(WAYS.tcp, hop);
  kind.beginRun(4);
  const syn = encodeRow(kind, hop, 3, { sizeBytes: 1_500 });
  assert.equal(match(kind, farEnd.answerSyn(syn, TCP_FLAG.rst | TCP_FLAG.ack, 1_460))?.index, 3);
  assert.equal(match(kind, farEnd.answerSyn(syn, TCP_FLAG.rst)), null);
});

test('tcp: each SYN leaves from a port of its own, so that a half-open connection of one does not swallow the next', () => {
  const hop = createHop(4);
  const kind = open(WAYS.tcp, hop);
  const portOf = (row: number): number => {
    const reply = parseReply(farEnd.answerSyn(encodeRow(kind, hop, row), TCP_FLAG.ack), 'ethernet');
    return reply.kind === 'tcp' ? reply.destinationPort : assert.fail(reply.kind);
  };
  kind.beginRun(600);
  const first = Array.from({ length: 600 }, (_, row) => portOf(row));
  kind.beginRun(400);
  const second = Array.from({ length: 400 }, (_, row) => portOf(row));
  assert.equal(new Set([...first, ...second]).size, 1_000);
  // Linux gives its own connections ports up to 60999.
  assert.ok(Math.min(...first, ...second) >= 61_000);
});

test('udp: a host that complains of anything but its closed port, or a router that plays the host, is no answer', () => {
  for (const version of [4, 6] as const) {
    const hop = createHop(version);
    const kind = open(WAYS.udp, hop);
    kind.beginRun(1);
    const probe = encodeRow(kind, hop, 0);
    assert.equal(match(kind, complain(probe, { ...UNREACHABLE[version], from: hop.target })), null);
    assert.equal(match(kind, complain(probe, PORT_UNREACHABLE[version])), null);
    assert.equal(match(kind, farEnd.answerUdp(probe))?.index, 0);
  }
});

test("stamp: T2, T3 and the reflector's count come with the answer, and a follow-up says of which reply it is", () => {
  const hop = createHop(4);
  const kind = open(WAYS.stamp, hop);
  kind.beginRun(2);
  const flags = { unrecognized: false, malformed: false, integrityFailed: false };
  const followUp = { kind: 'follow-up-telemetry', sequence: 4, stampMethod: 2, flags } as const;
  const times = { sequence: 5, receivedNs: 1_000_000_000n, sentNs: 1_000_000_500n };
  const told = { ...times, isCounted: true, flow: 0 };
  const answered = (tlv: object) =>
    match(
      kind,
      farEnd.answerStamp(encodeRow(kind, hop, 1), { ...times, tlvs: [{ ...followUp, timestamp: 0n, ...tlv }] }),
    )?.far;
  const timestamp = encodeNtpTimestamp(1_000_000_700n);
  assert.deepEqual(answered({ timestamp }), {
    ...told,
    followUp: { sequence: 4, sentNs: 1_000_000_700n },
    marks: null,
  });
  assert.equal(answered({})?.followUp, null, 'no time yet');
  const unrecognized = { ...flags, unrecognized: true };
  assert.equal(answered({ timestamp, flags: unrecognized })?.followUp, null, 'a reflector that knows no such TLV');
  const empty = { sequence: 5, receivedNs: null, sentNs: null };
  assert.deepEqual(match(kind, farEnd.answerStamp(encodeRow(kind, hop, 1), empty))?.far, {
    ...empty,
    isCounted: true,
    flow: 0,
    followUp: null,
    marks: null,
  });
});

test('stamp: asks for replies marked as the request, and reads how that arrived, unless the reflector knows no such question', () => {
  for (const version of [4, 6] as const) {
    const hop = createHop(version);
    const kind = open(WAYS.stamp, hop);
    kind.beginRun(1);
    const row = encodeRow(kind, hop, 0, { trafficClass: 4 * 46 + 1, sizeBytes: 128 });
    const asked = farEnd.readStampTlvs(row).find((tlv) => tlv.kind === 'class-of-service');
    assert.ok(asked?.kind === 'class-of-service');
    assert.deepEqual([asked.wantedDscp, asked.reversePath, asked.flags.unrecognized], [46, 0, true]);
    const flags = { ...asked.flags, unrecognized: false };
    const marksOf = (change: object) =>
      match(kind, farEnd.answerStamp(row, { ...REFLECTION, tlvs: [{ ...asked, flags, ...change }] }))?.far?.marks;
    const told = marksOf({ receivedDscp: 8, receivedEcn: 3 });
    assert.deepEqual(told, { receivedClass: 4 * 8 + 3, isRefused: false });
    assert.equal(marksOf({ reversePath: 1 })?.isRefused, true);
    assert.equal(marksOf({ flags: asked.flags }), null);
    assert.equal(marksOf({ flags: { ...flags, malformed: true } }), null);
  }
});

test('udp: the quote tells how the request arrived', () => {
  for (const version of [4, 6] as const) {
    const hop = createHop(version);
    const kind = open(WAYS.udp, hop);
    kind.beginRun(1);
    const row = encodeRow(kind, hop, 0, { trafficClass: 0xb9 });
    assert.equal(match(kind, WAYS.udp.answer(row, hop))?.quotedClass, 0xb9);
  }
});

test('stamp: a reply cut off by the snap length is still an answer', () => {
  const hop = createHop(4);
  const kind = open(WAYS.stamp, hop);
  kind.beginRun(1);
  const reply = farEnd.answerStamp(encodeRow(kind, hop, 0, { sizeBytes: 1_500 }), REFLECTION);
  assert.equal(match(kind, reply.subarray(0, 256))?.index, 0);
});

test('wrapDifference counts forward across the wrap', () => {
  assert.equal(wrapDifference(2, 0xfffe, 16), 4);
  assert.equal(wrapDifference(0xfffe, 2, 16), 0xfffc);
  assert.equal(wrapDifference(1, 0xffff_ffff, 32), 2);
  assert.equal(wrapDifference(0, 1, 32), 0xffff_ffff);
});
