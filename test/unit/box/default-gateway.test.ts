// The default gateway from recorded routing tables.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { readDefaultGateway } from '../../../src/box/default-gateway.js';
import { HostFiles } from '../../../src/box/host-files.js';

const HEAD = 'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n';
const LINK = 'eth0\t0002000A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n';
const DEFAULT = 'eth0\t00000000\t0102000A\t0003\t0\t0\t100\t00000000\t0\t0\t0\n';
const LOWER = 'eth1\t00000000\tFE01A8C0\t0003\t0\t0\t50\t00000000\t0\t0\t0\n';
const ZEROS = '0'.repeat(32);
const ROUTE6 = `${ZEROS} 00 ${ZEROS} 00 fe800000000000000000000000000001 00000400 00000001 00000000 00000003     eth0\n`;

function lay(context: TestContext, route: string, route6: string): HostFiles {
  const root = mkdtempSync(join(tmpdir(), 'apparenet-routes-'));
  context.after(() => rmSync(root, { recursive: true }));
  mkdirSync(join(root, 'proc/net'), { recursive: true });
  writeFileSync(join(root, 'proc/net/route'), route);
  writeFileSync(join(root, 'proc/net/ipv6_route'), route6);
  return new HostFiles(root);
}

for (const [what, route, route6, expected] of [
  ['the only one', HEAD + LINK + DEFAULT, ROUTE6, '10.0.2.1'],
  ['the one of the lowest metric', HEAD + DEFAULT + LOWER, '', '192.168.1.254'],
  ['an IPv6 one on a link, with its port', HEAD + LINK, ROUTE6, 'fe80:0000:0000:0000:0000:0000:0000:0001%eth0'],
  ['none', HEAD + LINK, '', null],
] as const) {
  test(what, (context) => assert.equal(readDefaultGateway(lay(context, route, route6)), expected));
}
