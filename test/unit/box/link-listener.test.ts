// Who is at the other end of a cable, from frames as they would come.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { LinkListener, type LinkSource } from '../../../src/box/link-listener.js';
import { encodeEthernet } from '../../../src/packet/ethernet.js';
import { encodeLinkFilter } from '../../../src/packet/neighbour-frame.js';
import { ETHER_TYPE } from '../../../src/packet/protocol-numbers.js';
import { makeCdpFrame, makeLldpFrame } from '../packet/announcement.js';

const MAC = (last: number): Uint8Array => Uint8Array.of(2, 0, 0, 0, 0, last);
/** First octet of the tagged frames' destination. */
const TAGGED_TO = 2;
/** Half duplex 100BASE-TX, auto-negotiation off. */
const HALF = { status: 1, mauType: 15 };

function plug() {
  const link = { nowMs: 0, changes: 1, opened: [] as boolean[], closed: 0, ownVlans: [] as number[] };
  const waiting: Uint8Array[] = [];
  const source: LinkSource = {
    open: (_port, filter) => {
      link.opened.push(filter.length === encodeLinkFilter({ withTagged: true }).length);
      return {
        // As the kernel does: frames that the filter keeps out do not wait.
        read: () => waiting.splice(0).filter((frame) => link.opened.at(-1) === true || frame[0] !== TAGGED_TO),
        close: () => {
          link.closed += 1;
        },
      };
    },
    listOwnVlans: () => link.ownVlans,
    countLinkChanges: () => link.changes,
    readMs: () => link.nowMs,
  };
  const listener = LinkListener.open('p0', source);
  assert.ok(listener);
  return { link, waiting, listener };
}

function makeTagged(id: number): Uint8Array {
  const vlans = [{ tpid: ETHER_TYPE.vlan, priority: 0, dropEligible: false, id }];
  return encodeEthernet({ destination: MAC(1), source: MAC(2), vlans, etherType: ETHER_TYPE.ipv4, payload: MAC(3) });
}

describe('the neighbour', () => {
  it('is whoever announced itself last, with the age of that word', () => {
    const { link, waiting, listener } = plug();
    assert.equal(listener.read().neighbour, null);
    waiting.push(makeLldpFrame({ systemName: 'sw-1', macPhy: HALF, portVlanId: 7 }));
    const heard = listener.read().neighbour;
    assert.deepEqual([heard?.systemName, heard?.duplex, heard?.nativeVlan, heard?.ageSec], ['sw-1', 'half', 7, 0]);
    link.nowMs = 31_500;
    assert.equal(listener.read().neighbour?.ageSec, 31);
  });

  it('is forgotten when its time is over, when it says farewell, and when the cable was pulled', () => {
    const { link, waiting, listener } = plug();
    const say = (ttlSec: number): void => {
      waiting.push(makeLldpFrame({ ttlSec }));
    };
    say(120);
    link.nowMs = 120_000;
    assert.ok(listener.read().neighbour);
    link.nowMs = 240_001;
    assert.equal(listener.read().neighbour, null);
    say(120);
    assert.ok(listener.read().neighbour);
    say(0);
    assert.equal(listener.read().neighbour, null);
    say(120);
    assert.ok(listener.read().neighbour);
    link.changes += 2;
    assert.equal(listener.read().neighbour, null);
    // Who is plugged in speaks at once, maybe before the change was noticed.
    link.changes += 1;
    waiting.push(makeLldpFrame({ systemName: 'sw-2' }));
    assert.equal(listener.read().neighbour?.systemName, 'sw-2');
  });

  it('that speaks both protocols is one, each filling what the other leaves out', () => {
    const { waiting, listener } = plug();
    // Some switches send LLDP from the address of the chassis and CDP from that of the port.
    waiting.push(makeCdpFrame({ deviceId: 'SW-1.example.net', duplex: 'half', from: MAC(8) }));
    waiting.push(makeLldpFrame({ systemName: 'sw-1', isBridge: true, portVlanId: 7, from: MAC(9) }));
    const heard = listener.read().neighbour;
    assert.deepEqual(
      [heard?.protocol, heard?.systemName, heard?.duplex, heard?.nativeVlan],
      ['lldp', 'sw-1', 'half', 7],
    );
  });

  it('behind a switch that announces nothing is named, but the link it speaks of is not ours', () => {
    const { waiting, listener } = plug();
    waiting.push(makeLldpFrame({ chassis: 'a', systemName: 'pc-1', macPhy: HALF, from: MAC(1) }));
    waiting.push(
      makeLldpFrame({ chassis: 'b', systemName: 'sw-1', isBridge: true, macPhy: HALF, portVlanId: 7, from: MAC(2) }),
    );
    const heard = listener.read().neighbour;
    assert.deepEqual([heard?.systemName, heard?.duplex, heard?.nativeVlan], ['sw-1', null, null]);
    waiting.push(makeLldpFrame({ chassis: 'c', systemName: 'sw-2', isBridge: true, from: MAC(3) }));
    assert.equal(listener.read().neighbour, null, 'two switches: nobody stands out');
  });

  it('is found among a flood of invented ones', () => {
    const { waiting, listener } = plug();
    for (let i = 0; i < 10_000; i++) {
      waiting.push(makeLldpFrame({ chassis: `flood-${i}`, ttlSec: 65_535, from: MAC(i & 0xff) }));
    }
    waiting.push(makeLldpFrame({ chassis: 'sw', systemName: 'sw-1', isBridge: true }));
    assert.equal(listener.read().neighbour?.systemName, 'sw-1');
  });

  it('does not vanish because of frames that follow no format', () => {
    const { waiting, listener } = plug();
    const sound = makeLldpFrame({ systemName: 'sw-1' });
    waiting.push(sound, sound.subarray(0, 20), new Uint8Array(3));
    assert.equal(listener.read().neighbour?.systemName, 'sw-1');
  });
});

describe('tagged frames', () => {
  it('tell of VLANs that nothing here takes', () => {
    const { link, waiting, listener } = plug();
    link.ownVlans = [12];
    for (const id of [30, 12, 0, 7, 30]) waiting.push(makeTagged(id));
    assert.deepEqual(listener.read().taggedVlanIds, [7, 30]);
    link.changes += 1;
    assert.deepEqual(listener.read().taggedVlanIds, []);
  });

  it('of any number of VLANs are kept within bounds', () => {
    const { waiting, listener } = plug();
    for (let id = 1; id < 4095; id++) waiting.push(makeTagged(id));
    assert.equal(listener.read().taggedVlanIds.length, 64);
  });

  it('in a flood are listened to no more, until the cable is plugged anew', () => {
    const { link, waiting, listener } = plug();
    for (let i = 0; i < 300; i++) waiting.push(makeTagged(30));
    assert.deepEqual(listener.read().taggedVlanIds, [30]);
    assert.deepEqual(link.opened, [true, false]);
    waiting.push(makeTagged(31), makeLldpFrame({ systemName: 'sw-1' }));
    const heard = listener.read();
    assert.deepEqual([heard.taggedVlanIds, heard.neighbour?.systemName], [[30], 'sw-1']);
    link.changes += 2;
    assert.deepEqual(listener.read().taggedVlanIds, []);
    waiting.push(makeTagged(31));
    assert.deepEqual(listener.read().taggedVlanIds, [31]);
    assert.deepEqual(link.opened, [true, false, true]);
    assert.equal(link.closed, 2);
  });
});

it('closes what it opened, and is silent then', () => {
  const { link, waiting, listener } = plug();
  listener.close();
  listener.close();
  waiting.push(makeLldpFrame({}));
  assert.deepEqual([link.closed, listener.read().neighbour], [1, null]);
});

it('is not there where nobody can listen', () => {
  const { link } = plug();
  const source: LinkSource = {
    open: () => null,
    listOwnVlans: () => [],
    countLinkChanges: () => null,
    readMs: () => link.nowMs,
  };
  assert.equal(LinkListener.open('tun0', source), null);
});
