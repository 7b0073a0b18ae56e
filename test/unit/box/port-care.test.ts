// A port prepared for a measurement: what is changed on which kind of port, and that it comes back whatever ends the process.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { HostFiles } from '../../../src/box/host-files.js';
import type { PortSettings } from '../../../src/box/native-host.js';
import { CareLedger } from '../../../src/box/port-care-ledger.js';
import { carePort, type PortCareSource } from '../../../src/box/port-care.js';

const USUAL: PortSettings = { gro: 1, lro: 1, gso: 1, tso: 1, rxUsecs: 50, rxAdaptive: 1, eee: 1 };
const folders: string[] = [];
after(() => folders.forEach((folder) => rmSync(folder, { recursive: true })));

function createFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'port-care-'));
  folders.push(folder);
  return folder;
}

/** A driver that keeps what it is told, and refuses the settings named. */
function createDriver(refuse: readonly string[] = []): PortCareSource & { settings: PortSettings } {
  const driver = {
    settings: { ...USUAL },
    read: () => driver.settings,
    write: (_port: string, setting: string, value: number) => {
      if (refuse.includes(setting)) throw Object.assign(new Error('refused'), { errno: 'EPERM' });
      driver.settings = { ...driver.settings, [setting]: value };
    },
  };
  return driver;
}

describe('a port under care', () => {
  it('loses what batches stamps, keeps what would interrupt others, and gets it back', () => {
    const source = createDriver();
    const ledger = new CareLedger(createFolder());
    const care = carePort('eth0', { isTestPort: false, ledger, source });
    assert.deepEqual(source.settings, { ...USUAL, rxUsecs: 0, rxAdaptive: 0, gro: 0 });
    care.restore();
    care.restore();
    assert.deepEqual(source.settings, USUAL);
    assert.deepEqual([ledger.readAbandoned(), ledger.readHeld('eth0')], [[], {}]);
  });

  it('of its own for tests also loses offloads of other programs and the sleeping link', () => {
    const source = createDriver();
    const care = carePort('eth1', { isTestPort: true, ledger: new CareLedger(createFolder()), source });
    assert.deepEqual(source.settings, { gro: 0, lro: 0, gso: 0, tso: 0, rxUsecs: 0, rxAdaptive: 0, eee: 0 });
    care.restore();
    assert.deepEqual(source.settings, USUAL);
  });

  it('that may not be changed is measured as it is, with a note that names the command', () => {
    const source = createDriver(['rxUsecs', 'rxAdaptive', 'gro']);
    const care = carePort('eth0', { isTestPort: false, ledger: new CareLedger(createFolder()), source });
    assert.deepEqual(care.changed, []);
    assert.match(care.notes.join(), /ethtool -C eth0 adaptive-rx off rx-usecs 0/);
    care.restore();
    assert.deepEqual(source.settings, USUAL);
  });

  it('is not touched where the change could not be written down', () => {
    const source = createDriver();
    const folder = join(createFolder(), 'file');
    writeFileSync(folder, '');
    carePort('eth0', { isTestPort: false, ledger: new CareLedger(folder), source }).restore();
    assert.deepEqual(source.settings, USUAL);
  });

  it('stays changed until the last of several measurements ends, whichever that is', () => {
    for (const last of [0, 1, 2]) {
      const source = createDriver();
      const ledger = new CareLedger(createFolder());
      const cares = [false, true, false].map((isTestPort) => carePort('eth0', { isTestPort, ledger, source }));
      cares.filter((_, i) => i !== last).forEach((care) => care.restore());
      const { rxUsecs, rxAdaptive, gro, lro } = source.settings;
      assert.deepEqual([rxUsecs, rxAdaptive, gro], [0, 0, 0]);
      // Only the second one wanted this.
      assert.equal(lro, last === 1 ? 0 : 1);
      cares[last]?.restore();
      assert.deepEqual(source.settings, USUAL);
      assert.deepEqual(ledger.readHeld('eth0'), {});
    }
  });

  it('is found again under a new name, and one that took its old name is left alone', () => {
    const root = createFolder();
    const setIndex = (port: string, index: number): void => {
      mkdirSync(join(root, 'sys/class/net', port), { recursive: true });
      writeFileSync(join(root, 'sys/class/net', port, 'ifindex'), `${index}\n`);
    };
    setIndex('eth0', 7);
    const ours = join(root, 'proc', String(process.pid));
    mkdirSync(ours, { recursive: true });
    writeFileSync(join(ours, 'stat'), `1 (node) ${'0 '.repeat(30)}`);
    const written: string[] = [];
    const driver = createDriver();
    const source: PortCareSource = {
      ...driver,
      write: (port, setting, value) => written.push(`${port} ${setting} ${value}`),
    };
    const ledger = new CareLedger(createFolder(), new HostFiles(root));
    const renamed = carePort('eth0', { isTestPort: false, ledger, source });
    const removed = carePort('eth0', { isTestPort: false, ledger, source });
    setIndex('eth0', 8);
    removed.restore();
    assert.equal(written.filter((line) => line.endsWith('gro 1')).length, 0);
    setIndex('lan', 7);
    renamed.restore();
    assert.deepEqual(written.slice(-3).toSorted(), ['lan gro 1', 'lan rxAdaptive 1', 'lan rxUsecs 50']);
  });

  it('that a killed process left changed stays in the ledger where the finder has not the rights', () => {
    const folder = createFolder();
    carePort('eth0', { isTestPort: false, ledger: new CareLedger(folder), source: createDriver() });
    const [name = ''] = readdirSync(folder);
    const dead = { port: 'eth0', pid: 1, startedAt: 'never', settings: { gro: 1 } };
    writeFileSync(join(folder, name), JSON.stringify(dead));
    carePort('lo', { isTestPort: false, ledger: new CareLedger(folder), source: createDriver(['gro']) });
    assert.deepEqual(readdirSync(folder), [name]);
    carePort('lo', { isTestPort: false, ledger: new CareLedger(folder), source: createDriver() });
    assert.deepEqual(readdirSync(folder), []);
  });

  it('comes back by the next process where the last one was killed, and a torn ledger harms nobody', () => {
    const source = createDriver();
    const folder = createFolder();
    carePort('eth0', { isTestPort: false, ledger: new CareLedger(folder), source });
    const [name = ''] = readdirSync(folder);
    const dead = { port: 'eth0', pid: 1, startedAt: 'never', settings: { rxUsecs: 50, rxAdaptive: 1, gro: 1, x: 7 } };
    writeFileSync(join(folder, name), JSON.stringify(dead));
    writeFileSync(join(folder, name.replace('eth0', 'eth9')), '{"port":');
    carePort('lo', { isTestPort: false, ledger: new CareLedger(folder), source });
    assert.deepEqual(source.settings, USUAL);
    assert.deepEqual(readdirSync(folder), []);
  });
});
