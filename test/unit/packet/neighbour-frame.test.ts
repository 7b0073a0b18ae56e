// Announcements of neighbours: any words arrive as they were said, any octets harm nobody, and the kernel filter lets in no others.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ProtocolError } from '../../../src/model/errors.js';
import { parseCdp } from '../../../src/packet/cdp.js';
import { parseLldp } from '../../../src/packet/lldp.js';
import { decodeMauType } from '../../../src/packet/mau-types.js';
import { encodeLinkFilter, parseNeighbourFrame } from '../../../src/packet/neighbour-frame.js';
import { decodePrintable } from '../../../src/packet/printable-text.js';
import { makeCdpFrame, makeLldpFrame } from './announcement.js';
import { loadProgram, runProgram } from './bpf-machine.js';
import { check, octetsOf, uint16 } from './properties.js';

const name = fc.stringMatching(/^[a-zA-Z0-9äß/._-]{1,40}$/);
const vlanId = fc.integer({ min: 1, max: 4094 });

test('an LLDP announcement of any words arrives as it was said', () => {
  const words = fc.record({
    chassis: name,
    port: name,
    systemName: name,
    ttlSec: uint16,
    isBridge: fc.boolean(),
    portVlanId: vlanId,
    vlanIds: fc.array(vlanId, { maxLength: 20 }),
    macPhy: fc.record({ status: fc.integer({ min: 0, max: 3 }), mauType: fc.integer({ min: 0, max: 70 }) }),
    maxFrameBytes: uint16,
  });
  check(words, (said) => {
    const heard = parseNeighbourFrame(makeLldpFrame(said));
    const mode = decodeMauType(said.macPhy.mauType);
    assert.ok(heard);
    assert.deepEqual(heard.facts, {
      protocol: 'lldp',
      systemName: said.systemName,
      portId: said.port,
      portDescription: null,
      duplex: mode?.duplex ?? null,
      speedBitsPerSec: mode?.speedBitsPerSec ?? null,
      autoNegotiationEnabled: said.macPhy.status >= 2,
      nativeVlan: said.portVlanId,
      vlanIds: [...new Set(said.vlanIds)].sort((a, b) => a - b),
      maxFrameBytes: said.maxFrameBytes,
    });
    assert.deepEqual([heard.holdSec, heard.isBridge], [said.ttlSec, said.isBridge]);
  });
});

test('a CDP announcement of any words arrives as it was said, padded to the least length of a frame', () => {
  const duplex = fc.constantFrom('full', 'half');
  check(fc.record({ deviceId: name, port: name, nativeVlan: vlanId, duplex }), (said) => {
    const frame = makeCdpFrame(said);
    const padded = new Uint8Array(Math.max(frame.length + 3, 60));
    padded.set(frame);
    const heard = parseNeighbourFrame(padded);
    assert.equal(heard?.facts.systemName, said.deviceId);
    assert.equal(heard.facts.portId, said.port);
    assert.equal(heard.facts.nativeVlan, said.nativeVlan);
    assert.equal(heard.facts.duplex, said.duplex);
  });
});

test('any octets are a message or a ProtocolError, never anything else', () => {
  const refuse = (parse: (bytes: Uint8Array) => unknown) => (bytes: Uint8Array) => {
    try {
      parse(bytes);
    } catch (error) {
      assert.ok(error instanceof ProtocolError, String(error));
    }
  };
  check(octetsOf(0, 200), refuse(parseLldp));
  check(octetsOf(0, 200), refuse(parseCdp));
  check(octetsOf(0, 200), refuse(parseNeighbourFrame));
  // Near misses: one octet of a sound frame changed, and the end cut off.
  const sound = [
    makeLldpFrame({ portVlanId: 7, vlanIds: [1, 2], macPhy: { status: 3, mauType: 15 }, maxFrameBytes: 1522 }),
    makeCdpFrame({ nativeVlan: 20, duplex: 'half' }),
  ];
  for (const frame of sound) {
    const spoilt = fc.record({ at: fc.nat(frame.length - 1), octet: fc.nat(255), end: fc.nat(frame.length) });
    check(spoilt, ({ at, octet, end }) => {
      const bytes = Uint8Array.from(frame);
      bytes[at] = octet;
      refuse(parseNeighbourFrame)(bytes.subarray(0, end));
    });
  }
});

test('a name cannot move the cursor of a terminal', () => {
  const escape = makeLldpFrame({ systemName: '\u001b[2Jsw\u0007-1\u202e\r\n' });
  assert.equal(parseNeighbourFrame(escape)?.facts.systemName, '[2Jsw -1');
  check(octetsOf(0, 600), (bytes) => {
    const text = decodePrintable(bytes);
    assert.ok(text === null || (text.length <= 255 && !/[\p{Cc}\p{Cf}]/u.test(text)), JSON.stringify(text));
  });
});

test('the kernel filter lets announcements in and nothing else', () => {
  const program = loadProgram(encodeLinkFilter({ withTagged: false }));
  const passes = (frame: Uint8Array): boolean => runProgram(program, frame) > 0;
  const lldp = makeLldpFrame({});
  const cdp = makeCdpFrame({});
  assert.ok(passes(lldp));
  assert.ok(passes(cdp));
  // Other users of the same groups: slow protocols and STP, UDLD and VTP; and LLDP to another group.
  const other = (frame: Uint8Array, at: number, octet: number): Uint8Array => {
    const bytes = Uint8Array.from(frame);
    bytes[at] = octet;
    return bytes;
  };
  assert.ok(!passes(other(lldp, 5, 0x02)));
  assert.ok(!passes(other(lldp, 13, 0x09)));
  assert.ok(!passes(other(cdp, 20, 0x01)));
  assert.ok(!passes(other(cdp, 5, 0xcd)));
});
