// The kernel filters let answers to our probes pass and nothing else.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { parseAddress } from '../../../src/packet/address.js';
import { encodeEthernet } from '../../../src/packet/ethernet.js';
import { encodeNeighbourFilter, encodeReplyFilter } from '../../../src/packet/filter.js';
import { encodeIcmp } from '../../../src/packet/icmp.js';
import { encodeIcmpv6 } from '../../../src/packet/icmpv6.js';
import { encodeIpv4 } from '../../../src/packet/ipv4.js';
import { encodeIpv6 } from '../../../src/packet/ipv6.js';
import { encodeProbe } from '../../../src/packet/probe-packet.js';
import { ETHER_TYPE, IP_PROTOCOL } from '../../../src/packet/protocol-numbers.js';
import { TCP_FLAG, encodeTcp } from '../../../src/packet/tcp.js';
import { encodeUdp } from '../../../src/packet/udp.js';
import { loadProgram, runProgram } from './bpf-machine.js';
import { octets, readGoldens } from './golden.js';
import { check, octetsOf } from './properties.js';
import type { SentProbes } from '../../../src/packet/filter.js';
import type { ProbeBody } from '../../../src/packet/probe-packet.js';
import type { LinkLayer } from '../../../src/packet/reply-match.js';

const IDENTIFIER = 0x1234;
const LOCAL_PORT = 50_000;
const TARGET_PORT = 3237;
const NONE = new Uint8Array();

interface Hosts {
  readonly us: Uint8Array;
  readonly target: Uint8Array;
  readonly router: Uint8Array;
}

const HOSTS: Record<4 | 6, Hosts> = {
  4: {
    us: parseAddress('10.77.1.1').bytes,
    target: parseAddress('10.77.2.2').bytes,
    router: parseAddress('10.77.1.2').bytes,
  },
  6: {
    us: parseAddress('fd77:1::1').bytes,
    target: parseAddress('fd77:2::2').bytes,
    router: parseAddress('fd77:1::2').bytes,
  },
};

/** An IP packet to us. `options` only concern IPv4. */
function packet(source: Uint8Array, protocol: number, payload: Uint8Array, options: Uint8Array = NONE): Uint8Array {
  if (source.length === 16) {
    const header = { dscp: 0, ecn: 0, flowLabel: 0, hopLimit: 60, source, destination: HOSTS[6].us, extensions: [] };
    return encodeIpv6({ ...header, protocol, payload });
  }
  const fragment = { identification: 9, dontFragment: false, moreFragments: false, fragmentOffsetBytes: 0 };
  const header = { dscp: 0, ecn: 0, ttl: 60, protocol, source, destination: HOSTS[4].us, options, payload };
  return encodeIpv4({ ...fragment, ...header });
}

function frame(ip: Uint8Array, linkLayer: LinkLayer): Uint8Array {
  if (linkLayer === 'none') return ip;
  const etherType = (ip[0] ?? 0) >> 4 === 4 ? ETHER_TYPE.ipv4 : ETHER_TYPE.ipv6;
  const mac = octets('020000000a01');
  return encodeEthernet({ destination: mac, source: mac, vlans: [], etherType, payload: ip });
}

const BODIES: Record<SentProbes['kind'], ProbeBody> = {
  icmp: { kind: 'icmp', identifier: IDENTIFIER, sequence: 1, tag: { runTag: 1, payloadIndex: 2 } },
  udp: {
    kind: 'udp',
    sourcePort: LOCAL_PORT,
    destinationPort: TARGET_PORT,
    tag: { runTag: 1, payloadIndex: 2 },
  },
  tcp: { kind: 'tcp-syn', sourcePort: LOCAL_PORT, destinationPort: TARGET_PORT, sequence: 77 },
};

function probe(body: ProbeBody, family: 4 | 6, target = HOSTS[family].target): Uint8Array {
  const envelope = { link: null, source: HOSTS[family].us, destination: target, ttl: 1, trafficClass: 0 };
  return encodeProbe({ ...envelope, dontFragment: true, ipId: 7, sizeBytes: 100 }, body).bytes;
}

function reply(kind: SentProbes['kind'], source: Uint8Array, key: number = keyOf(kind)): Uint8Array {
  const destination = source.length === 4 ? HOSTS[4].us : HOSTS[6].us;
  const addresses = { source, destination };
  if (kind === 'icmp') {
    const echo = { kind: 'echo-reply' as const, identifier: key, sequence: 1, data: new Uint8Array(20) };
    return source.length === 4
      ? packet(source, IP_PROTOCOL.icmp, encodeIcmp(echo))
      : packet(source, IP_PROTOCOL.icmpv6, encodeIcmpv6(echo, addresses));
  }
  const ports = { sourcePort: TARGET_PORT, destinationPort: key, payload: NONE };
  if (kind === 'udp') return packet(source, IP_PROTOCOL.udp, encodeUdp(ports, addresses));
  const flags = TCP_FLAG.rst | TCP_FLAG.ack;
  const segment = { ...ports, sequence: 0, acknowledgment: 78, flags, window: 0, urgentPointer: 0, options: [] };
  return packet(source, IP_PROTOCOL.tcp, encodeTcp(segment, addresses));
}

function keyOf(kind: SentProbes['kind']): number {
  return kind === 'icmp' ? IDENTIFIER : LOCAL_PORT;
}

/** An error of type `type` from the router that quotes `quoted`. */
function icmpError(type: number, quoted: Uint8Array, family: 4 | 6, options: Uint8Array = NONE): Uint8Array {
  const body = new Uint8Array(4 + quoted.length);
  body.set(quoted, 4);
  const message = { kind: 'other' as const, type, code: 0, body };
  const source = HOSTS[family].router;
  if (family === 4) return packet(source, IP_PROTOCOL.icmp, encodeIcmp(message), options);
  return packet(source, IP_PROTOCOL.icmpv6, encodeIcmpv6(message, { source, destination: HOSTS[6].us }));
}

const ERROR_TYPES = { 4: [3, 11, 12], 6: [1, 2, 3, 4] } as const;
const OTHER_TYPES = { 4: [4, 5, 8, 13], 6: [0, 5, 128, 133, 135, 136] } as const;

for (const family of [4, 6] as const) {
  for (const kind of ['icmp', 'udp', 'tcp'] as const) {
    for (const linkLayer of ['ethernet', 'none'] as const) {
      describe(`${kind} over IPv${family}, link layer ${linkLayer}`, () => testFilter(family, kind, linkLayer));
    }
  }
}

function probesOf(kind: SentProbes['kind'], target: Uint8Array): SentProbes {
  switch (kind) {
    case 'icmp':
      return { kind, target, firstIdentifier: IDENTIFIER, identifiers: 1 };
    case 'udp':
      return { kind, target, targetPort: TARGET_PORT, localPorts: [LOCAL_PORT, LOCAL_PORT] };
    case 'tcp':
      return { kind, target, targetPort: TARGET_PORT, firstLocalPort: LOCAL_PORT, localPorts: 1 };
  }
}

function testFilter(family: 4 | 6, kind: SentProbes['kind'], linkLayer: LinkLayer): void {
  const { target, router } = HOSTS[family];
  const probes = probesOf(kind, target);
  const program = loadProgram(encodeReplyFilter(probes, linkLayer));
  const passes = (ip: Uint8Array) => runProgram(program, frame(ip, linkLayer)) !== 0;
  const own = probe(BODIES[kind], family);

  test('the reply passes, and not our own probe', () => {
    assert.equal(passes(reply(kind, target)), true);
    assert.equal(passes(own), false);
  });

  test('a reply from elsewhere, to another program, or of another kind does not', () => {
    assert.equal(passes(reply(kind, router)), false);
    assert.equal(passes(reply(kind, target, keyOf(kind) + 1)), false);
    for (const other of ['icmp', 'udp', 'tcp'] as const) {
      if (other !== kind) assert.equal(passes(reply(other, target)), false, other);
    }
    assert.equal(passes(reply(kind, HOSTS[family === 4 ? 6 : 4].target)), false);
  });

  test('an error from any router that quotes our probe passes, with and without the rest of it', () => {
    const ipHeader = family === 4 ? 20 : 40;
    for (const type of ERROR_TYPES[family]) {
      assert.equal(passes(icmpError(type, own, family)), true, `type ${type}`);
      assert.equal(passes(icmpError(type, own.subarray(0, ipHeader + 8), family)), true, `type ${type}, short quote`);
      assert.equal(passes(icmpError(type, own.subarray(0, ipHeader), family)), false, `type ${type}, no transport`);
    }
    for (const type of OTHER_TYPES[family]) {
      assert.equal(passes(icmpError(type, own, family)), false, `type ${type}`);
    }
  });

  test('an error about another packet does not', () => {
    const type = ERROR_TYPES[family][0];
    const body = BODIES[kind];
    const foreign = body.kind === 'icmp' ? { ...body, identifier: 1 } : { ...body, sourcePort: 1 };
    assert.equal(passes(icmpError(type, probe(foreign, family), family)), false);
    assert.equal(passes(icmpError(type, probe(body, family, router), family)), false);
    for (const other of ['icmp', 'udp', 'tcp'] as const) {
      if (other !== kind) assert.equal(passes(icmpError(type, probe(BODIES[other], family), family)), false, other);
    }
  });

  if (family === 4) {
    test('IP options in the reply, the error or the quote do not matter', () => {
      const options = octets('0101010101010101');
      const payload = reply(kind, target).subarray(20);
      const protocol = reply(kind, target)[9] ?? 0;
      assert.equal(passes(packet(target, protocol, payload, options)), true);
      assert.equal(passes(icmpError(3, own, 4, options)), true);
      const quoted = Uint8Array.from([...own.subarray(0, 20), ...options, ...own.subarray(20)]);
      quoted[0] = 0x47;
      assert.equal(passes(icmpError(11, quoted, 4, options)), true);
    });

    test('a later fragment does not pass', () => {
      const fragment = reply(kind, target);
      fragment[7] = 1;
      assert.equal(passes(fragment), false);
    });
  }

  test('arbitrary octets run to an end', () => {
    const answer = frame(reply(kind, target), linkLayer);
    check(fc.tuple(octetsOf(0, 120), fc.nat(120)), ([bytes, asAnswer]) => {
      bytes.set(answer.subarray(0, Math.min(asAnswer, bytes.length)));
      assert.ok(runProgram(program, bytes) >= 0);
    });
  });
}

test('a block of local ports: answers and errors to each of them pass, and to no other', () => {
  for (const family of [4, 6] as const) {
    const { target } = HOSTS[family];
    const probes = { kind: 'tcp', target, targetPort: TARGET_PORT, firstLocalPort: 61_440, localPorts: 1024 } as const;
    const program = loadProgram(encodeReplyFilter(probes, 'ethernet'));
    const passes = (ip: Uint8Array) => runProgram(program, frame(ip, 'ethernet')) !== 0;
    const body = (sourcePort: number) => ({ ...BODIES.tcp, sourcePort }) as ProbeBody;
    for (const [port, isOurs] of [
      [61_439, false],
      [61_440, true],
      [62_000, true],
      [62_463, true],
      [62_464, false],
    ] as const) {
      assert.equal(passes(reply('tcp', target, port)), isOurs, `reply to ${port}`);
      assert.equal(passes(icmpError(3, probe(body(port), family), family)), isOurs, `error about ${port}`);
    }
    const elsewhere = { ...BODIES.tcp, destinationPort: TARGET_PORT + 1, sourcePort: 62_000 } as ProbeBody;
    assert.equal(passes(icmpError(3, probe(elsewhere, family), family)), false);
  }
});

test('two local ports that lie apart: answers and errors to each of them pass, and to no other', () => {
  for (const family of [4, 6] as const) {
    const { target } = HOSTS[family];
    const probes = { kind: 'udp', target, targetPort: TARGET_PORT, localPorts: [40_001, 50_002] } as const;
    const program = loadProgram(encodeReplyFilter(probes, 'ethernet'));
    const passes = (ip: Uint8Array) => runProgram(program, frame(ip, 'ethernet')) !== 0;
    const body = (sourcePort: number) => ({ ...BODIES.udp, sourcePort }) as ProbeBody;
    for (const [port, isOurs] of [
      [40_001, true],
      [40_002, false],
      [50_001, false],
      [50_002, true],
    ] as const) {
      assert.equal(passes(reply('udp', target, port)), isOurs, `reply to ${port}`);
      assert.equal(passes(icmpError(3, probe(body(port), family), family)), isOurs, `error about ${port}`);
    }
  }
});

test('two identifiers of echoes: answers and errors to each of them pass, and to no other', () => {
  for (const family of [4, 6] as const) {
    const { target } = HOSTS[family];
    const probes = { kind: 'icmp', target, firstIdentifier: 0x1234, identifiers: 2 } as const;
    const program = loadProgram(encodeReplyFilter(probes, 'ethernet'));
    const passes = (ip: Uint8Array) => runProgram(program, frame(ip, 'ethernet')) !== 0;
    const body = (identifier: number) => ({ ...BODIES.icmp, identifier }) as ProbeBody;
    for (const [identifier, isOurs] of [
      [0x1233, false],
      [0x1234, true],
      [0x1235, true],
      [0x1236, false],
    ] as const) {
      assert.equal(passes(reply('icmp', target, identifier)), isOurs, `reply to ${identifier}`);
      assert.equal(passes(icmpError(3, probe(body(identifier), family), family)), isOurs, `error about ${identifier}`);
    }
  }
});

test('the neighbour filters pass the answer about the asked address, and nothing else', () => {
  const cases = readGoldens('replies').map(({ name, hex }) => ({ name, frame: octets(hex) }));
  const passing = (address: string) => {
    const program = loadProgram(encodeNeighbourFilter(parseAddress(address).bytes));
    return cases.filter((golden) => runProgram(program, golden.frame) !== 0).map(({ name }) => name);
  };
  assert.deepEqual(passing('10.77.1.2'), ['ARP reply']);
  assert.deepEqual(passing('10.77.1.3'), []);
  assert.deepEqual(passing('fd77:1::2'), ['neighbour advertisement']);
  assert.deepEqual(passing('fd77:1::3'), []);
});

test('captured replies pass the filter of their probe', () => {
  const target = parseAddress('10.77.2.2').bytes;
  const passing = (probes: SentProbes) => {
    const program = loadProgram(encodeReplyFilter(probes, 'ethernet'));
    const goldens = readGoldens('replies').filter(({ hex }) => runProgram(program, octets(hex)) !== 0);
    return goldens.map(({ name }) => name);
  };
  const portsOf = (name: string) => {
    const golden = readGoldens('replies').find((candidate) => candidate.name === name) ?? assert.fail(name);
    const fields = golden.fields as { quoted?: { sourcePort: number }; destinationPort?: number };
    return fields.quoted?.sourcePort ?? fields.destinationPort ?? assert.fail(name);
  };
  const twice = (port: number) => [port, port] as const;
  const udp = { kind: 'udp' as const, target, targetPort: 33_434, localPorts: twice(portsOf('port unreachable')) };
  assert.deepEqual(passing(udp), ['port unreachable']);
  const tcp = { kind: 'tcp' as const, target, targetPort: 81, firstLocalPort: portsOf('RST-ACK'), localPorts: 1 };
  assert.deepEqual(passing(tcp), ['RST-ACK']);
  const stamp = { kind: 'udp' as const, target, targetPort: 862, localPorts: twice(portsOf('STAMP')) };
  assert.deepEqual(passing(stamp), ['STAMP', 'TWAMP-Light reply of 41 octets']);
});
