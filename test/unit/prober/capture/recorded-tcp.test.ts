// Recordings of TCP give the round trips, losses and rates that were put into them, and none where a segment was sent twice.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { TCP_FLAG, type TcpOption } from '../../../../src/packet/tcp.js';
import { analyzeFile, encodePcap, encodeSegment, LINKTYPE, pcapSkip, type Frame } from './recording.js';

const { syn, ack } = TCP_FLAG;
const PAYLOAD = 1_448;
const US = 1_000;
/** Sequence numbers pass their wrap in the middle of each transfer. */
const FIRST = 2 ** 32 - 20_000;

const stamps = (value: number, echo: number): readonly TcpOption[] => [{ kind: 'timestamps', value, echo }];
const announce = (sizeBytes: number): readonly TcpOption[] => [{ kind: 'maximum-segment-size', sizeBytes }];

/** Recorded where the opener is 200 us and the target 10 ms away, there and back. */
function recordHandshake(): Frame[] {
  return [
    {
      atUs: 0,
      bytes: encodeSegment({
        isForward: true,
        flags: syn,
        sequence: FIRST - 1,
        acknowledgment: 0,
        options: announce(1460),
      }),
    },
    {
      atUs: 10_000,
      bytes: encodeSegment({
        isForward: false,
        flags: syn | ack,
        sequence: 99,
        acknowledgment: FIRST,
        options: announce(1400),
      }),
    },
    { atUs: 10_200, bytes: encodeSegment({ isForward: true, flags: ack, sequence: FIRST, acknowledgment: 100 }) },
  ];
}

/** Segment `i` of the opener's data, 1,500 bytes with its headers. */
function data(i: number, atUs: number, options: readonly TcpOption[] = stamps(i, 0), ipId = i + 1): Frame {
  const segment = { isForward: true, flags: ack, sequence: FIRST + i * PAYLOAD, acknowledgment: 100 };
  return { atUs, bytes: encodeSegment({ ...segment, payloadBytes: PAYLOAD, options, ipId }) };
}

/** The target has everything up to segment `i`. */
function acknowledge(i: number, atUs: number, options: readonly TcpOption[] = []): Frame {
  const acknowledgment = FIRST + (i + 1) * PAYLOAD;
  return { atUs, bytes: encodeSegment({ isForward: false, flags: ack, sequence: 100, acknowledgment, options }) };
}

/** One each 4 ms, 3 Mb/s; acknowledged after 12 ms. */
function recordTransfer(count: number): Frame[] {
  return Array.from({ length: count }, (_, i) => [
    data(i, 20_000 + i * 4_000),
    acknowledge(i, 32_000 + i * 4_000),
  ]).flat();
}

const analyze = (frames: readonly Frame[]) =>
  analyzeFile(
    encodePcap(
      LINKTYPE.raw,
      [...recordHandshake(), ...frames].sort((a, b) => a.atUs - b.atUs),
    ),
  );

describe('recorded TCP', { skip: pcapSkip }, () => {
  test('round trips, rate, segment size, and where the recording point lies', async () => {
    const { estimates, limits, verdict } = await analyze(recordTransfer(400));
    assert.equal(estimates.rtt?.p50Ns, 12_000 * US);
    assert.equal(estimates.rtt.samples, 400);
    assert.equal(estimates.loss.forward?.value, 0);
    assert.equal(estimates.capacity.forward, null);
    const rate = estimates.maximum.forward?.value ?? 0;
    assert.ok(Math.abs(rate / 3e6 - 1) < 0.01, `${rate} b/s`);
    assert.equal(estimates.mtu?.forwardBytes, 1_440);
    assert.match(limits.join('\n'), /10 ms from the recording point to the target and back, 200 µs to the opener/);
    assert.equal(verdict, 'ok');
  });

  test('a segment sent again because it was lost is a loss and no round trip (Karn)', async () => {
    const frames = recordTransfer(100);
    // Nothing acknowledges segment 50 and what came after it until it was sent again.
    const held = frames.filter((_, k) => !(k % 2 === 1 && k >= 101 && k < 121));
    const again = data(50, 262_000, stamps(900, 0), 5_000);
    const { estimates } = await analyze([...held, again, acknowledge(59, 263_000, stamps(1, 900))]);
    assert.equal(estimates.loss.forward?.value, 1 / 100);
    assert.equal(estimates.rtt?.maxNs, 12_000 * US);
  });

  test('a sender records segments that its card has yet to cut: of ten packets in one the third was lost', async () => {
    const whole = { isForward: true, flags: ack, sequence: FIRST, acknowledgment: 100, payloadBytes: 10 * PAYLOAD };
    const large = { atUs: 20_000, bytes: encodeSegment({ ...whole, options: stamps(5, 0), ipId: 77 }) };
    const { estimates } = await analyze([large, data(2, 32_000, stamps(900, 0), 5_000), acknowledge(9, 42_000)]);
    assert.equal(estimates.loss.forward?.value, 1 / 10);
  });

  test('a segment sent again in vain is no loss (Eifel)', async () => {
    const frames = recordTransfer(100).filter((_, k) => k !== 101);
    const again = data(50, 228_000, stamps(900, 0), 5_000);
    const late = acknowledge(50, 229_000, stamps(1, 50));
    const { estimates } = await analyze([...frames, again, late]);
    assert.equal(estimates.loss.forward?.value, 0);
  });

  test('a segment behind a later one was reordered; one that comes after a round trip was lost before', async () => {
    const frames = recordTransfer(100).filter((_, k) => k !== 2 * 30 && k !== 2 * 60);
    const { estimates } = await analyze([
      ...frames,
      data(30, 20_000 + 31 * 4_000 + 300),
      data(60, 20_000 + 70 * 4_000),
    ]);
    assert.equal(estimates.reordering?.value, 1 / 100);
    assert.equal(estimates.loss.forward?.value, 1 / 100);
  });

  test('the same packet twice is a copy, no loss', async () => {
    const { estimates } = await analyze([...recordTransfer(100), data(40, 20_000 + 40 * 4_000 + 20)]);
    assert.equal(estimates.duplication?.value, 1 / 100);
    assert.equal(estimates.loss.forward?.value, 0);
  });

  test('data from the target alone: its rate in reverse, round trips of the handshake', async () => {
    const frames = Array.from({ length: 400 }, (_, i): Frame => {
      const segment = { isForward: false, flags: ack, sequence: 100 + i * PAYLOAD, acknowledgment: FIRST };
      return { atUs: 20_000 + i * 4_000, bytes: encodeSegment({ ...segment, payloadBytes: PAYLOAD }) };
    });
    const { estimates, limits } = await analyze(frames);
    assert.equal(estimates.maximum.forward, null);
    const rate = estimates.maximum.reverse?.value ?? 0;
    assert.ok(Math.abs(rate / (((PAYLOAD + 40) * 8) / 0.004) - 1) < 0.01, `${rate} b/s`);
    assert.equal(estimates.rtt?.p50Ns, 10_000 * US);
    assert.match(limits.join('\n'), /No data went to the target/);
  });
});
