// Capabilities and clock state as files tell them, and the command that grants what is missing.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { computeGrantCommand, createRawPacketError, readMayOpenRawPackets } from '../../../src/box/capabilities.js';
import { HostFiles } from '../../../src/box/host-files.js';
import { MACHINE_FILES } from './machine.js';

test('CAP_NET_RAW is bit 13 of the effective set', () => {
  assert.equal(readMayOpenRawPackets(MACHINE_FILES), true);
  assert.equal(readMayOpenRawPackets(new HostFiles('/nonexistent')), false);
});

test('the command that grants names the real node, quoted where the shell needs it', () => {
  assert.equal(
    computeGrantCommand('/usr/bin/node'),
    'sudo setcap cap_net_raw,cap_net_bind_service,cap_sys_nice+ep /usr/bin/node',
  );
  assert.equal(
    computeGrantCommand('/opt/my node'),
    "sudo setcap cap_net_raw,cap_net_bind_service,cap_sys_nice+ep '/opt/my node'",
  );
  assert.match(createRawPacketError().message, /CAP_NET_RAW/);
});
