// Frames: what any text becomes and back, what gzip itself makes of it, and what cuts and flipped bits leave.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { encodeFrame, parseFrame, parseFrames } from '../../../src/history/frames.js';

const texts = fc.array(fc.string({ maxLength: 60 }), { minLength: 1, maxLength: 6 });
const join = (parts: readonly Uint8Array[]): Uint8Array => Buffer.concat(parts);

test('frames come back as they were, and gzip reads them as one text', () => {
  fc.assert(
    fc.property(texts, fc.nat(2 ** 31), (written, first) => {
      const bytes = join(written.map((text, i) => encodeFrame(first * 1000 + i, text)));
      const { frames, damaged } = parseFrames(bytes);
      assert.deepEqual(
        frames.map(({ number, text }) => [number, text]),
        written.map((text, i) => [first * 1000 + i, text]),
      );
      assert.deepEqual(damaged, []);
      assert.equal(gunzipSync(bytes).toString('utf8'), join(written.map((text) => Buffer.from(text))).toString());
    }),
  );
});

test('a frame that is cut anywhere is none, and zeros behind the last one are no damage', () => {
  const frame = encodeFrame(7, 'what was measured');
  for (let length = 0; length < frame.length; length += 1) assert.equal(parseFrame(frame.subarray(0, length), 0), null);
  const { frames, damaged } = parseFrames(join([frame, new Uint8Array(100)]));
  assert.deepEqual([frames.length, damaged], [1, []]);
});

test('any flipped bit costs at most the frame that it hit, and what is read is right', () => {
  const written = ['first', 'second, which is hit', 'third'];
  const parts = written.map((text, i) => encodeFrame(i, text));
  let harmless = 0;
  const [start = 0, length = 0] = [parts[0]?.length, parts[1]?.length];
  for (let bit = 0; bit < length * 8; bit += 1) {
    const bytes = Buffer.from(join(parts));
    bytes[start + (bit >> 3)] = (bytes[start + (bit >> 3)] ?? 0) ^ (1 << (bit & 7));
    const { frames, damaged } = parseFrames(bytes);
    const texts = frames.map(({ number, text }) => `${number} ${text}`);
    // Some bits between the data and its checksum mean nothing.
    const isHarmless = damaged.length === 0 && texts[1] === '1 second, which is hit';
    if (!isHarmless) assert.deepEqual([texts, damaged.length], [['0 first', '2 third'], 1], `bit ${bit}`);
    harmless += Number(isHarmless);
  }
  assert.ok(harmless < 8, `${harmless} bits`);
});

test('any octets are read without an error', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => assert.ok(parseFrames(bytes).frames.length === 0)),
  );
});
