// Control frames over a byte stream that is cut anywhere, and streams that lie.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ProtocolError } from '../../../src/model/errors.js';
import { ControlFrameReader, encodeControlFrame } from '../../../src/packet/control-frame.js';
import { concatOctets } from '../../../src/packet/octets.js';
import { hexOf, octets } from './golden.js';
import { check, octetsOf } from './properties.js';

const bytesOf = (header: object, columns: readonly Uint8Array[] = []) =>
  concatOctets(encodeControlFrame(header, columns));

test('the frame on the wire', () => {
  const wire = bytesOf({ a: 'é' }, [octets('0102'), octets('03')]);
  assert.equal(hexOf(wire), `000000110000000a${hexOf(new TextEncoder().encode('{"a":"é"}'))}010203`);
});

test('whatever was sent arrives, wherever the stream is cut', () => {
  const message = fc.tuple(
    fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.integer(), fc.constant(null))),
    fc.array(octetsOf(0, 300), { maxLength: 3 }),
  );
  const cuts = fc.array(fc.nat(400), { maxLength: 30 });
  check(fc.tuple(fc.array(message, { maxLength: 6 }), cuts), ([messages, sizes]) => {
    const stream = concatOctets(messages.map(([header, columns]) => bytesOf(header, columns)));
    const reader = new ControlFrameReader();
    const frames = [];
    let at = 0;
    for (const size of [...sizes, stream.length]) {
      frames.push(...reader.push(stream.slice(at, at + size)));
      at += size;
    }
    assert.equal(frames.length, messages.length);
    frames.forEach((frame, i) => {
      const [header, columns] = messages[i] ?? assert.fail();
      assert.equal(JSON.stringify(frame.header), JSON.stringify(JSON.parse(JSON.stringify(header))));
      assert.deepEqual(Uint8Array.from(frame.body), concatOctets(columns));
    });
  });
});

test('a frame may come octet by octet', () => {
  const reader = new ControlFrameReader();
  const wire = bytesOf({ type: 'status' }, [octets('ff')]);
  const frames = Array.from(wire, (_, i) => reader.push(wire.slice(i, i + 1))).flat();
  assert.deepEqual(
    frames.map(({ header, body }) => [header, hexOf(body)]),
    [[{ type: 'status' }, 'ff']],
  );
});

test('a frame of exactly the bound passes, one octet more is refused from its length alone', () => {
  const wire = bytesOf({ type: 'x' }, [new Uint8Array(100)]);
  assert.equal(new ControlFrameReader(wire.length).push(wire).length, 1);
  assert.throws(
    () => new ControlFrameReader(wire.length - 1).push(wire.subarray(0, 8)),
    (error) => error instanceof ProtocolError && error.code === 'protocol.too-large',
  );
  assert.throws(() => new ControlFrameReader().push(octets('ffffffff00000002')), ProtocolError);
});

const LIES: readonly (readonly [string, string])[] = [
  ['a header longer than the frame', '0000000600000003' + '7b7d'],
  ['a frame too short for its header length', '0000000200000000' + '7b7d'],
  ['no header', '0000000400000000'],
  ['half of a UTF-8 character', '0000000a00000006' + '7b22c3223a317d'],
  ['an array', '0000000600000002' + '5b5d'],
  ['null', '0000000800000004' + '6e756c6c'],
  ['no JSON', '0000000600000002' + '7b7b'],
];

for (const [name, hex] of LIES) {
  test(`${name} is refused`, () => {
    assert.throws(() => new ControlFrameReader().push(octets(hex)), ProtocolError);
  });
}

test('a header nested a hundred thousand deep is refused or read, without exhausting the stack', () => {
  const text = new TextEncoder().encode(`{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`);
  const lengths = new Uint8Array(8);
  new DataView(lengths.buffer).setUint32(0, 4 + text.length);
  new DataView(lengths.buffer).setUint32(4, text.length);
  try {
    assert.equal(new ControlFrameReader().push(concatOctets([lengths, text])).length, 1);
  } catch (error) {
    assert.ok(error instanceof ProtocolError);
  }
});

test('arbitrary streams only end in ProtocolError', () => {
  check(fc.array(octetsOf(0, 40), { maxLength: 10 }), (chunks) => {
    const reader = new ControlFrameReader(4096);
    try {
      for (const chunk of chunks) reader.push(chunk);
    } catch (error) {
      assert.ok(error instanceof ProtocolError);
    }
  });
});
