// What ports can do, kept on disk: by card, bounded in number, and no worse than absent when the file is spoilt.
import assert from 'node:assert/strict';
import { mkdtempSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { AbilitiesStore, computeStateFolder } from '../../../src/box/abilities-store.js';
import { HostFiles } from '../../../src/box/host-files.js';
import { StoreError } from '../../../src/model/errors.js';
import type { PortAbilities } from '../../../src/model/path.js';

const ABILITIES: PortAbilities = {
  stampNoiseNs: 120,
  sendPacketsPerSec: 5e5,
  sendBitsPerSec: 9e8,
  receivePacketsPerSec: 4e5,
  receiveBitsPerSec: 9e8,
  coalescingNs: 0,
  measuredAt: '2026-01-02T03:04:05.000Z',
};
const root = mkdtempSync(join(tmpdir(), 'abilities-'));
after(() => rmSync(root, { recursive: true }));

function layPort(name: string, address: string): void {
  mkdirSync(join(root, 'sys/class/net', name), { recursive: true });
  writeFileSync(join(root, 'sys/class/net', name, 'address'), `${address}\n`);
}

describe('the store of abilities', () => {
  layPort('eth0', '02:00:00:00:00:01');
  layPort('wan', '02:00:00:00:00:01');
  layPort('lo', '00:00:00:00:00:00');
  const store = new AbilitiesStore(join(root, 'state'), new HostFiles(root), join(root, 'none'));

  it('finds a card again under another name, and takes no card for another', () => {
    store.write('eth0', ABILITIES);
    store.write('lo', { ...ABILITIES, stampNoiseNs: 7 });
    assert.deepEqual(store.read('wan'), ABILITIES);
    assert.equal(store.read('lo')?.stampNoiseNs, 7);
    assert.equal(store.read('eth9'), null);
  });

  it('knows nothing from a spoilt file or entry, and writes a whole one over it', () => {
    for (const text of [
      '',
      '{"schema":"apparenet.abilities/1","ports":{"lo":{"stampNoiseNs":"x"}}}',
      '[]',
      '{"schema":"other"}',
    ]) {
      writeFileSync(store.path, text);
      assert.equal(store.read('lo'), null);
    }
    store.write('lo', ABILITIES);
    assert.deepEqual(store.read('lo'), ABILITIES);
  });

  it('forgets the oldest of too many ports', () => {
    for (let i = 0; i < 80; i += 1) {
      const measuredAt = new Date(Date.UTC(2026, 1, 1, 0, i)).toISOString();
      store.write(`port${i}`, { ...ABILITIES, measuredAt });
    }
    assert.equal(store.read('port3'), null);
    assert.notEqual(store.read('port79'), null);
    assert.ok(readFileSync(store.path).length < 32_768);
  });

  it('names the file that it may not write', () => {
    const blocked = new AbilitiesStore(join(store.path, 'below-a-file'));
    assert.throws(
      () => blocked.write('lo', ABILITIES),
      (error) => error instanceof StoreError && error.message.includes(blocked.path),
    );
  });

  it('stands where the user may write', () => {
    const folderOf = (uid: number, environment: Record<string, string>): string =>
      computeStateFolder({ uid, home: '/home/a', environment });
    assert.equal(folderOf(0, { XDG_STATE_HOME: '/x' }), '/var/lib/apparenet');
    assert.equal(folderOf(7, {}), '/home/a/.local/state/apparenet');
    assert.equal(folderOf(7, { XDG_STATE_HOME: '/x' }), '/x/apparenet');
    assert.equal(folderOf(7, { XDG_STATE_HOME: '/x', STATE_DIRECTORY: '/var/lib/one:/var/lib/two' }), '/var/lib/one');
  });

  it('tells what the appliance measured to users who measured nothing, or earlier', () => {
    const files = new HostFiles(root);
    const appliance = new AbilitiesStore(join(root, 'appliance'), files, join(root, 'appliance'));
    const own = new AbilitiesStore(join(root, 'own'), files, join(root, 'appliance'));
    appliance.write('eth0', ABILITIES);
    assert.deepEqual(own.read('eth0'), ABILITIES);
    const later = { ...ABILITIES, measuredAt: '2026-02-02T03:04:05.000Z' };
    own.write('eth0', later);
    assert.deepEqual(own.read('eth0'), later);
    const last = { ...ABILITIES, measuredAt: '2026-03-02T03:04:05.000Z' };
    appliance.write('eth0', last);
    assert.deepEqual(own.read('eth0'), last);
    assert.equal(statSync(appliance.path).mode & 0o777, 0o644);
  });
});
