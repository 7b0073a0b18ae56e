// The parts of opening a path that need no port: the way the kernel's routes lead, the largest packet, the words about fallbacks.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { NativeRoute } from '../../../device/nic/native-link.js';
import { CanceledError, DeviceError, UsageError } from '../../../src/model/errors.js';
import type { PathMessage, Trace } from '../../../src/model/trace.js';
import { formatAddress, parseAddress } from '../../../src/packet/address.js';
import { createBlankTrace } from '../../../src/prober/native/blank-trace.js';
import type { Choice } from '../../../src/prober/native/choose-via.js';
import { describeNotes } from '../../../src/prober/native/describe-notes.js';
import { judgeQueueKinds, NO_OWN_QUEUE } from '../../../src/prober/native/own-queue.js';
import { createIcmpKind } from '../../../src/prober/native/icmp-kind.js';
import { readNextHop, type RouteSource } from '../../../src/prober/native/next-hop.js';
import { learnPathMtu } from '../../../src/prober/native/path-mtu.js';
import { resolveTarget, type TargetAddress } from '../../../src/prober/native/resolve-target.js';
import { createTcpKind } from '../../../src/prober/native/tcp-kind.js';
import { planSchedule } from '../../../src/sequencer/schedule.js';
import { createHop } from './far-end.js';

const NO_ROUTE = Object.assign(new Error('no route'), { errno: 'ENETUNREACH', syscall: 'netlink', port: '' });
const PORTS: Readonly<Record<string, { index: number; hardwareType: number }>> = {
  lo: { index: 1, hardwareType: 772 },
  eth0: { index: 2, hardwareType: 1 },
  tun0: { index: 3, hardwareType: 65_534 },
};
const OURS = { 4: parseAddress('10.77.1.1').bytes, 6: parseAddress('fd77:1::1').bytes };

/** Routes by the text of the address; anything else has none. */
function routesOf(routes: Readonly<Record<string, Partial<NativeRoute>>>): RouteSource {
  return {
    lookupRoute(address, port) {
      const route = routes[formatAddress(address)];
      if (!route) throw NO_ROUTE;
      const source = OURS[address.length === 4 ? 4 : 6];
      return { port: port ?? 'eth0', index: 0, type: 1, gateway: null, source, mtu: 0, ...route };
    },
    readInterface: (port) => PORTS[port] ?? assert.fail(port),
  };
}

function address(text: string, name: string | null = null): TargetAddress {
  const { bytes, family, zone } = parseAddress(text);
  return { bytes, text: formatAddress(bytes), version: family, zone, name };
}

describe('the next hop', () => {
  test('is the gateway where there is one, else the target itself', () => {
    const gateway = parseAddress('10.77.1.254').bytes;
    const routes = routesOf({ '10.77.2.2': { gateway, mtu: 1_400 }, '10.77.1.2': {} });
    const far = readNextHop([address('10.77.2.2')], undefined, routes);
    assert.deepEqual([formatAddress(far.neighbour), far.routeMtuBytes, far.port], ['10.77.1.254', 1_400, 'eth0']);
    assert.deepEqual([far.sendLayer, far.linkLayer], ['link', 'ethernet']);
    const near = readNextHop([address('10.77.1.2')], undefined, routes);
    assert.equal(formatAddress(near.neighbour), '10.77.1.2');
  });

  test('of a name is that of its first address with a route', () => {
    const both = [address('2001:db8::2', 'host'), address('10.77.1.2', 'host')];
    const onlyIpv4 = readNextHop(both, undefined, routesOf({ '10.77.1.2': {} }));
    assert.deepEqual([onlyIpv4.version, onlyIpv4.chosen.text], [4, '10.77.1.2']);
    const ipv6First = readNextHop(both, undefined, routesOf({ '10.77.1.2': {}, '2001:db8::2': {} }));
    assert.equal(ipv6First.version, 6);
    assert.throws(
      () => readNextHop(both, undefined, routesOf({})),
      (error: DeviceError) => {
        assert.equal(error.code, 'device.route');
        assert.match(error.message, /no route to 10\.77\.1\.2 \(ENETUNREACH\)/);
        return true;
      },
    );
  });

  test('is asked for no address that stands for all of a machine', () => {
    const routes = routesOf({ '0.0.0.0': { type: 2 }, '::': { type: 2 } });
    for (const text of ['0.0.0.0', '::']) {
      assert.throws(
        () => readNextHop([address(text)], undefined, routes),
        (error) => error instanceof UsageError && error.message === `${text} stands for no host: name one`,
      );
    }
  });

  test('takes frames on Ethernet, and packets on loopback and tunnels', () => {
    const routes = routesOf({ '127.0.0.1': { type: 2 }, '::1': { type: 2 }, '10.77.3.3': { port: 'tun0' } });
    const layers = ['127.0.0.1', '::1', '10.77.3.3'].map((text) => {
      const { port, sendLayer, linkLayer } = readNextHop([address(text)], undefined, routes);
      return [port, sendLayer, linkLayer];
    });
    assert.deepEqual(layers, [
      ['lo', 'network4', 'ethernet'],
      ['lo', 'network6', 'ethernet'],
      ['tun0', 'network4', 'none'],
    ]);
  });

  test('of a link-local address is on its zone, or on the port that was named', () => {
    const routes = routesOf({ 'fe80::1': {} });
    assert.equal(readNextHop([address('fe80::1%eth0')], undefined, routes).port, 'eth0');
    assert.equal(readNextHop([address('fe80::1')], 'eth0', routes).port, 'eth0');
    assert.equal(readNextHop([address('fe80::1%eth0')], 'eth0', routes).port, 'eth0');
    assert.throws(() => readNextHop([address('fe80::1')], undefined, routes), /name its port, as in fe80::1%eth0/);
    assert.throws(() => readNextHop([address('fe80::1%eth0')], 'tun0', routes), UsageError);
  });

  test('of a group of hosts is refused', () => {
    assert.throws(
      () => readNextHop([address('224.0.0.1')], undefined, routesOf({ '224.0.0.1': { type: 5 } })),
      UsageError,
    );
    assert.throws(
      () => readNextHop([address('10.77.1.255')], undefined, routesOf({ '10.77.1.255': { type: 3 } })),
      UsageError,
    );
  });
});

describe('what a person typed', () => {
  const { signal } = new AbortController();

  test('is an address, in brackets or with a zone', async () => {
    assert.deepEqual((await resolveTarget('[fd77::2]', signal))[0]?.text, 'fd77::2');
    const [zoned] = await resolveTarget('fe80::1%eth0', signal);
    assert.deepEqual([zoned?.text, zoned?.zone, zoned?.name], ['fe80::1', 'eth0', null]);
  });

  test('or a name, whose addresses carry it', async () => {
    const found = await resolveTarget('localhost', signal);
    assert.ok(found.length > 0 && found.every(({ name }) => name === 'localhost'));
    await assert.rejects(resolveTarget('nowhere.invalid', signal), UsageError);
  });

  test('a name server is not waited for after Ctrl-C', async () => {
    await assert.rejects(resolveTarget('nowhere.invalid', AbortSignal.abort()), CanceledError);
  });
});

describe('the largest packet', () => {
  const tooBig = (mtuBytes: number | null, from = '10.77.1.254'): PathMessage => ({
    kind: 'packet-too-big',
    code: 4,
    from,
    mtuBytes,
    count: 1,
  });

  /** Routers with these MTUs, one behind the other. */
  function pathOf(mtus: readonly (number | null)[]): {
    sizes: number[];
    trySize: (sizeBytes: number) => Promise<Trace>;
  } {
    const sizes: number[] = [];
    const trySize = (sizeBytes: number): Promise<Trace> => {
      sizes.push(sizeBytes);
      const pattern = { kind: 'single', sizeBytes } as const;
      const schedule = planSchedule({ id: 'size', pattern, dscp: 0, dontFragment: true, lingerNs: 1e9 });
      const router = mtus.findIndex((mtu) => mtu === null || mtu < sizeBytes);
      const messages = router < 0 ? [] : [tooBig(mtus[router] ?? null, `10.77.1.${router}`)];
      const cost = { packets: 1, bytes: sizeBytes + 14 };
      return Promise.resolve({ ...createBlankTrace('size', schedule, 0n), messages, cost });
    };
    return { sizes, trySize };
  }

  const ETHERNET = { portBytes: 1_500, routeBytes: 1_500 };

  test('is what the port lets out where nobody objects', async () => {
    const path = pathOf([]);
    const cost = { packets: 1, bytes: 1_514 };
    assert.deepEqual(await learnPathMtu(ETHERNET, 4, path.trySize), { bytes: 1_500, announced: null, cost });
  });

  test('is what the narrowest router announces, each asked in turn', async () => {
    const path = pathOf([1_492, 1_400]);
    const { bytes, announced, cost } = await learnPathMtu(ETHERNET, 6, path.trySize);
    assert.deepEqual([bytes, announced], [1_400, { from: '10.77.1.1', bytes: 1_400, refusedBytes: 1_492 }]);
    assert.deepEqual(path.sizes, [1_500, 1_492, 1_400]);
    assert.equal(cost.packets, 3);
  });

  test('is not taken from a router that names none, or less than any link carries', async () => {
    assert.equal((await learnPathMtu(ETHERNET, 4, pathOf([null]).trySize)).bytes, 1_500);
    assert.equal((await learnPathMtu(ETHERNET, 4, pathOf([68]).trySize)).bytes, 1_500);
    assert.equal((await learnPathMtu(ETHERNET, 6, pathOf([1_279]).trySize)).bytes, 1_500);
    assert.equal((await learnPathMtu(ETHERNET, 6, pathOf([1_280]).trySize)).bytes, 1_280);
  });

  test('that the kernel remembers of an earlier refusal is asked for again, so that the router is known', async () => {
    const path = pathOf([1_400]);
    const { bytes, announced } = await learnPathMtu({ ...ETHERNET, routeBytes: 1_400 }, 4, path.trySize);
    assert.deepEqual([bytes, announced], [1_400, { from: '10.77.1.0', bytes: 1_400, refusedBytes: 1_500 }]);
    assert.deepEqual(path.sizes, [1_500, 1_400]);
  });

  test('that the route sets is no word of a router, and holds where routers pass more', async () => {
    for (const mtus of [[], [1_480]]) {
      const path = pathOf(mtus);
      const { bytes, announced } = await learnPathMtu({ ...ETHERNET, routeBytes: 1_400 }, 4, path.trySize);
      assert.deepEqual([bytes, announced], [1_400, null]);
      assert.deepEqual(path.sizes, [1_500, 1_400]);
    }
  });

  test('is looked for with a handful of packets, however many routers object', async () => {
    const path = pathOf([1_490, 1_480, 1_470, 1_460, 1_450, 1_440]);
    assert.equal((await learnPathMtu(ETHERNET, 4, path.trySize)).cost.packets, 4);
  });
});

describe('notes', () => {
  const hop = createHop(4);
  const pattern = { kind: 'single', sizeBytes: 120 } as const;
  const answered = createBlankTrace(
    'try',
    planSchedule({ id: 'try', pattern, dscp: 0, dontFragment: true, lingerNs: 0 }),
    0n,
  );
  const STAMPS = ['STAMP on udp/3237', 'STAMP on udp/862'];
  const choice = (silent: readonly string[], changes: Partial<Choice> = {}): Choice => ({
    kind: createIcmpKind(hop),
    trace: answered,
    cost: { packets: 0, bytes: 0 },
    silent,
    messages: [],
    ...changes,
  });
  const notesOf = (made: Choice, port = 'eth0'): string[] =>
    describeNotes({ port, choice: made, mtu: null, ownQueue: NO_OWN_QUEUE });

  test('are none where the best way answered', () => {
    assert.deepEqual(notesOf(choice([])), []);
  });

  test('name what did not answer, once each, and what is measured instead', () => {
    assert.deepEqual(notesOf(choice(STAMPS)), [
      'No answer by STAMP on udp/3237 or udp/862: measured by ICMP echo, both directions together',
    ]);
    assert.deepEqual(notesOf(choice([...STAMPS, 'ICMP echo'], { kind: createTcpKind(hop) })), [
      'No answer by STAMP on udp/3237 or udp/862 or by ICMP echo: measured by TCP SYN to port 443',
    ]);
    assert.deepEqual(notesOf(choice(STAMPS.slice(0, 1), { kind: createTcpKind(hop) })), [
      'No answer by STAMP on udp/3237: measured by TCP SYN to port 443',
    ]);
  });

  test('where nothing answered, say so; a way that was named needs no word', () => {
    const silent = { trace: null };
    assert.deepEqual(notesOf(choice(['ICMP echo'], silent)), []);
    assert.deepEqual(notesOf(choice([...STAMPS, 'ICMP echo', 'TCP SYN to port 443'], silent)), [
      'No answer by STAMP on udp/3237 or udp/862, by ICMP echo or by TCP SYN to port 443: measured by ICMP echo',
    ]);
  });

  test('tell of loopback, of missing stamps and of a small path, in sentences', () => {
    const userStamps = { ...answered, stamps: { tx: 'user', rx: 'kernel', far: null } } as const;
    const announced = { from: '10.77.1.254', bytes: 1_400, refusedBytes: 1_500 };
    const mtu = { bytes: 1_400, announced, cost: { packets: 1, bytes: 1 } };
    const notes = describeNotes({ port: 'lo', choice: choice([], { trace: userStamps }), mtu, ownQueue: NO_OWN_QUEUE });
    assert.equal(notes.length, 3);
    assert.match(notes[0] ?? '', /^The target is this machine itself/);
    assert.match(notes[1] ?? '', /^Port lo gives no transmit stamps/);
    assert.match(notes[2] ?? '', /^10\.77\.1\.254 passes no packet above 1400 bytes on/);
  });

  test('tell of a queue of this machine that holds packets back or drops them, and not of one that only sends', () => {
    const userStamps = { ...answered, stamps: { tx: 'user', rx: 'kernel', far: null } } as const;
    const told = (kinds: readonly string[]): string[] =>
      describeNotes({
        port: 'eth1',
        choice: choice([], { trace: userStamps }),
        mtu: null,
        ownQueue: judgeQueueKinds(kinds),
      });
    assert.match(
      told(['htb', 'fq_codel']).join(),
      /^Port eth1 holds back what it sends \(htb, see tc qdisc show dev eth1\)/,
    );
    assert.match(told(['prio', 'netem', 'clsact']).join(), /^Port eth1 holds back what it sends \(netem/);
    assert.match(
      told(['noqueue', 'clsact'])[0] ?? '',
      /^Port eth1 may drop what it sends by rules of its own \(clsact\)/,
    );
    for (const kinds of [[], ['noqueue'], ['mq', 'fq_codel'], ['pfifo_fast']]) {
      assert.match(told(kinds).join(), /^Port eth1 gives no transmit stamps[^,]*, so delays include it$/);
    }
  });
});
