// Who holds the registered ports of a recorded machine: ours, a known other, a stranger, and one that may not be seen.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readLocalListeners } from '../../../src/box/listeners.js';
import { judgeProgram } from '../../../src/box/registered-ports.js';
import { parseSocketTable } from '../../../src/box/socket-table.js';
import { MACHINE_FILES } from './machine.js';

test('each registered port with who holds it', () => {
  const rows = readLocalListeners(MACHINE_FILES).flatMap((use) =>
    use.listeners.map(({ address, pid, judgement }) => [`${use.port}/${use.protocol}`, address, pid, judgement]),
  );
  assert.deepEqual(rows, [
    ['3237/udp', '0.0.0.0', 4001, 'ours'],
    ['3237/udp', '2001:db8::2', 4003, 'known'],
    ['3237/tcp', '::1', null, 'unidentified'],
    ['3238/tcp', '127.0.0.1', 4001, 'ours'],
    ['3239/tcp', '0.0.0.0', 4002, 'unexpected'],
  ]);
});

test('a process that may not be looked into is told with its user', () => {
  const [listener] =
    readLocalListeners(MACHINE_FILES).find(({ port, protocol }) => port === 3237 && protocol === 'tcp')?.listeners ??
    [];
  assert.equal(listener?.uid, 1000);
  assert.match(listener.note, /root/);
});

test('our programs are known by their entry, not by a word somewhere in their arguments', () => {
  const ours = [
    ['/usr/bin/node', '/opt/apparenet/dist/src/main/apparenet.js', 'run'],
    ['/usr/bin/node', '--max-old-space-size=64', '/opt/x/dist/src/main/tps.js'],
    ['/usr/local/bin/apparenet', 'reflect'],
    ['apparenet'],
  ];
  for (const words of ours) assert.equal(judgeProgram('node', words).judgement, 'ours', words.join(' '));
  const others = [
    ['nc', '-l', '-p', '3238', 'apparenet.js'],
    ['/usr/bin/node', '/srv/main/ui.js'],
    ['cat', '/var/log/apparenet.log'],
  ];
  for (const words of others) assert.equal(judgeProgram('node', words).judgement, 'unexpected', words.join(' '));
});

test('a malformed socket table gives no rows and no error', () => {
  fc.assert(fc.property(fc.string(), (text) => parseSocketTable(`head\n${text}`, 'tcp').length === 0));
});
