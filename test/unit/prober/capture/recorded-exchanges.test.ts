// Recordings of pings, of STAMP on any port and of datagrams to closed ports give the figures that were put into them.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { UsageError } from '../../../../src/model/errors.js';
import { encodeIcmp } from '../../../../src/packet/icmp.js';
import { concatOctets, NO_OCTETS, putUint16, putUint32 } from '../../../../src/packet/octets.js';
import { IP_PROTOCOL } from '../../../../src/packet/protocol-numbers.js';
import { encodeStampReflector, encodeStampSender } from '../../../../src/packet/stamp.js';
import {
  analyzeFile,
  encodeDatagram,
  encodePcap,
  LINKTYPE,
  pcapSkip,
  PROBE,
  recordPings,
  TARGET,
  withFile,
  wrapIp,
  type Frame,
} from './recording.js';
import { readRecording } from '../../../../src/prober/capture/read-recording.js';
import { assertValidReport } from '../../analysis/report-schema.js';

const US = 1_000;

/** What stands in front of an IP packet, by link type. */
const LINK_HEADERS: readonly (readonly [string, number, Uint8Array])[] = [
  ['raw IP', LINKTYPE.raw, NO_OCTETS],
  ['Ethernet', LINKTYPE.ethernet, Uint8Array.of(2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0)],
  ['a VLAN tag', LINKTYPE.ethernet, Uint8Array.of(2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x81, 0, 0, 5, 8, 0)],
  ['loopback', LINKTYPE.null, Uint8Array.of(2, 0, 0, 0)],
  ['Linux cooked', LINKTYPE.cooked, Uint8Array.of(0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0, 8, 0)],
  ['Linux cooked 2', LINKTYPE.cooked2, Uint8Array.of(8, 0, 0, 0, 0, 0, 0, 3, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0)],
];

describe('recorded pings', { skip: pcapSkip }, () => {
  for (const [name, linkType, header] of LINK_HEADERS) {
    test(`with ${name} in front`, async () => {
      const frames = recordPings(50, [7, 8]).map(({ atUs, bytes }) => ({ atUs, bytes: concatOctets([header, bytes]) }));
      const report = await analyzeFile(encodePcap(linkType, frames));
      assertValidReport(report);
      const { rtt, loss, reordering } = report.estimates;
      assert.equal(rtt?.p50Ns, 3_000 * US);
      assert.equal(rtt.samples, 48);
      assert.equal(loss.roundTrip?.value, 2 / 50);
      assert.equal(reordering?.value, 0);
      assert.deepEqual(report.target, { address: '10.2.0.2', via: 'capture' });
      assert.match(report.summary, /^From a recording: /);
      assert.match(report.limits.join('\n'), /in front of the first router of 10\.1\.0\.1/);
    });
  }

  test('a reply that comes twice, and one behind a later one', async () => {
    const frames = recordPings(30);
    const reply = (sequence: number): Frame => frames[2 * sequence + 1] ?? assert.fail();
    frames.push({ ...reply(4), atUs: reply(4).atUs + 50 }, { ...reply(5), atUs: reply(6).atUs + 900 });
    frames.splice(11, 1);
    const { estimates } = await analyzeFile(encodePcap(LINKTYPE.raw, frames));
    assert.equal(estimates.duplication?.value, 1 / 30);
    assert.equal(estimates.reordering?.value, 1 / 30);
  });

  test('the last request may yet be answered when the recording ends', async () => {
    const { estimates } = await analyzeFile(encodePcap(LINKTYPE.raw, recordPings(30, [29])));
    assert.equal(estimates.loss.roundTrip?.value, 0);
    assert.equal(estimates.loss.roundTrip.samples, 29);
  });

  test('requests alone are called unreachable, with what may have gone wrong in recording', async () => {
    const requests = recordPings(200).filter((_, i) => i % 2 === 0);
    const report = await analyzeFile(encodePcap(LINKTYPE.raw, requests));
    assert.equal(report.findings[0]?.condition, 'unreachable');
    assert.match(report.findings[0].advice, /only one direction was recorded/);
  });
});

const TIME_NS = 1_800_000_000_000_000_000n;
const ESTIMATE = { synchronized: true, format: 'ntp', scale: 10, multiplier: 1 } as const;

/** The far clock is 5 s ahead; 700 us there, 100 us in the reflector, 1200 us back. Every tenth reply is lost on its way back. */
function recordStamp(count: number, port: number): Frame[] {
  return Array.from({ length: count }, (_, sequence): Frame[] => {
    const atUs = sequence * 10_000;
    const sentNs = TIME_NS + BigInt(atUs * US);
    const sender = {
      sequence,
      timestampNs: sentNs,
      errorEstimate: ESTIMATE,
      ssid: 9,
      hmac: null,
      tlvs: [],
      rest: NO_OCTETS,
    };
    const reflected = {
      ...sender,
      sequence: 500 + sequence,
      timestampNs: sentNs + 5_000_800_000n,
      receiveTimestampNs: sentNs + 5_000_700_000n,
      senderSequence: sequence,
      senderTimestampNs: sentNs,
      senderErrorEstimate: ESTIMATE,
      senderTtl: 64,
    };
    const request = { atUs, bytes: encodeDatagram(true, [40_000, port], encodeStampSender(sender)) };
    const reply = { atUs: atUs + 2_000, bytes: encodeDatagram(false, [40_000, port], encodeStampReflector(reflected)) };
    return sequence % 10 === 5 ? [request] : [request, reply];
  }).flat();
}

describe('recorded STAMP', { skip: pcapSkip }, () => {
  for (const port of [862, 20_001]) {
    test(`on port ${port}: the reflector's time is no part of the round trip, its count tells the direction of loss`, async () => {
      const { estimates, port: facts } = await analyzeFile(encodePcap(LINKTYPE.raw, recordStamp(200, port)));
      assert.equal(estimates.rtt?.p50Ns, 1_900 * US);
      assert.equal(facts.stamps.far, 'user');
      assert.equal(estimates.loss.forward?.value, 0);
      assert.ok(Math.abs((estimates.loss.reverse?.value ?? 0) - 0.1) < 0.005, String(estimates.loss.reverse?.value));
    });
  }
});

test('datagrams to a closed port are answered by its host', { skip: pcapSkip }, async () => {
  const frames = Array.from({ length: 40 }, (_, i): Frame[] => {
    const payload = new Uint8Array(32);
    putUint32(payload, 4, i);
    const request = encodeDatagram(true, [41_000, 33_434], payload);
    const quoted = request.slice(0, 28 + 8);
    putUint16(quoted, 4, 99);
    const error = encodeIcmp({ kind: 'unreachable', code: 3, nextHopMtuBytes: 0, quoted, extensions: NO_OCTETS });
    const answer = wrapIp({ source: TARGET, destination: PROBE, protocol: IP_PROTOCOL.icmp }, error);
    return [
      { atUs: i * 1_000_000, bytes: request },
      { atUs: i * 1_000_000 + 800, bytes: answer },
    ];
  }).flat();
  const { estimates, target } = await analyzeFile(encodePcap(LINKTYPE.raw, frames));
  assert.equal(target.address, '10.2.0.2');
  assert.equal(estimates.rtt?.p50Ns, 800 * US);
  assert.equal(estimates.loss.roundTrip?.value, 0);
});

describe('what cannot be analysed', { skip: pcapSkip }, () => {
  const whole = encodePcap(LINKTYPE.raw, recordPings(20));
  const refusals: readonly (readonly [string, Uint8Array, RegExp])[] = [
    ['an empty file', NO_OCTETS, /it is empty/],
    ['a compressed recording', gzipSync(whole), /compressed: unpack it first, with gunzip/],
    [
      'answers that are cut short, which are not lost',
      // IP, UDP and 30 octets of STAMP, as of tcpdump -s.
      encodePcap(
        LINKTYPE.raw,
        recordStamp(12, 862).map(({ atUs, bytes }) => ({ atUs, bytes: bytes.slice(0, 58) })),
      ),
      /11 answers of 10\.2\.0\.2 to 10\.1\.0\.1 are cut too short .* tcpdump -s 128/,
    ],
    ['a text', new TextEncoder().encode('not a recording at all'), /it is no recording/],
    ['a header cut off', whole.slice(0, 10), /cannot be analysed/],
    ['a recording of nothing', whole.slice(0, 24), /it holds no packet/],
    [
      'frames that hold no IP',
      encodePcap(LINKTYPE.ethernet, [{ atUs: 0, bytes: new Uint8Array(60) }]),
      /readable IP packet/,
    ],
    ['a link type without IP', encodePcap(147, recordPings(1)), /link type/],
    [
      'one-way traffic',
      encodePcap(LINKTYPE.raw, [{ atUs: 0, bytes: encodeDatagram(true, [1, 2], new Uint8Array(9)) }]),
      /none of its 1/,
    ],
  ];
  for (const [name, file, reason] of refusals) {
    test(name, async () => {
      await assert.rejects(analyzeFile(file), (error) => error instanceof UsageError && reason.test(error.message));
    });
  }

  test('an exchange that is not there: the message names those that are', async () => {
    const asked = analyzeFile(whole, { target: '192.0.2.9' });
    await assert.rejects(
      asked,
      (error) => error instanceof UsageError && /10\.1\.0\.1 to 10\.2\.0\.2/.test(error.message),
    );
  });

  test('a folder, and a file that is not there', async () => {
    await assert.rejects(readRecording('/'), UsageError);
    await assert.rejects(readRecording('/no/such/file'), /there is no such file/);
  });

  test('a recording cut off in a frame counts as far as it goes, and says so', async () => {
    const { limits, estimates } = await analyzeFile(whole.slice(0, -5));
    assert.match(limits.join('\n'), /damaged or cut off after 39 frames/);
    assert.equal(estimates.rtt?.samples, 19);
  });

  test('changed octets anywhere give a report or a refusal, never a crash', async () => {
    const seeds = encodePcap(LINKTYPE.raw, [...recordPings(12), ...recordStamp(12, 862)]);
    const change = fc.record({ at: fc.nat(seeds.length - 1), value: fc.nat(255) });
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 40 }), fc.nat(60), async (changes, cut) => {
        const file = seeds.slice(0, seeds.length - cut);
        for (const { at, value } of changes) if (at < file.length) file[at] = value;
        await withFile(file, async (path) => {
          try {
            const recording = await readRecording(path);
            const { analyzeRecording } = await import('../../../../src/prober/capture/analyze-recording.js');
            assertValidReport(analyzeRecording(recording, { id: 'TEST', target: null, probe: null }));
          } catch (error) {
            if (!(error instanceof UsageError)) throw error;
          }
        });
      }),
      { numRuns: 150 },
    );
  });
});
