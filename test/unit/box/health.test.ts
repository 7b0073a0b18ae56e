// The box's own health from files as boards show them, and what of it somebody should do something about.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, describe, test } from 'node:test';
import { readClockState } from '../../../src/box/clock-state.js';
import { judgeHealth } from '../../../src/box/health/judge-health.js';
import { readBoxHealth } from '../../../src/box/health/read-box-health.js';
import { readLoad, readMemory } from '../../../src/box/health/read-load.js';
import { readStorage } from '../../../src/box/health/read-storage.js';
import { readTemperatures } from '../../../src/box/health/read-temperatures.js';
import { HostFiles } from '../../../src/box/host-files.js';
import { DeviceError } from '../../../src/model/errors.js';
import { MACHINE_FILES } from './machine.js';

const NOBODY = new HostFiles('/nonexistent');
const GIGABYTE = 1e9;

/** A board with eMMC, as far as the files that matter here. */
const BOARD: Readonly<Record<string, string>> = {
  'proc/meminfo': 'MemTotal:        1000000 kB\nMemFree:           20000 kB\nMemAvailable:     250000 kB\n',
  'proc/loadavg': '0.52 0.58 7.59 1/467 12345\n',
  'proc/stat': 'cpu  1 2 3\ncpu0 1 2 3\ncpu1 1 2 3\ncpu2 1 2 3\ncpu3 1 2 3\nintr 1\n',
  'proc/pressure/cpu':
    'some avg10=1.00 avg60=12.50 avg300=0.10 total=1\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0\n',
  'proc/pressure/memory':
    'some avg10=0.00 avg60=0.00 avg300=0.00 total=0\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0\n',
  'proc/pressure/io':
    'some avg10=0.00 avg60=3.00 avg300=0.00 total=0\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0\n',
  'proc/self/mountinfo': [
    '21 1 179:2 / / ro,relatime shared:1 - erofs /dev/mmcblk0p2 ro',
    '30 21 179:3 / /var/lib/the\\040box rw,noatime shared:9 - ext4 /dev/mmcblk0p3 rw,commit=60',
    '31 21 0:20 / /run rw,nosuid shared:2 - tmpfs tmpfs rw,size=100k',
  ].join('\n'),
  'sys/devices/mmc/mmcblk0/device/life_time': '0x01 0x09\n',
  'sys/devices/mmc/mmcblk0/stat': '   10 0 80 5 200 3 4000 70 0 40 80 0 0 0 0\n',
  'sys/devices/mmc/mmcblk0/mmcblk0p3/partition': '3\n',
  'sys/devices/mmc/mmcblk0/mmcblk0p3/stat': '   1 0 8 5 20 3 400 7 0 4 8 0 0 0 0\n',
  'sys/class/thermal/thermal_zone0/type': 'cpu-thermal\n',
  'sys/class/thermal/thermal_zone0/temp': '61234\n',
  'sys/class/thermal/thermal_zone0/trip_point_0_type': 'passive\n',
  'sys/class/thermal/thermal_zone0/trip_point_0_temp': '80000\n',
  'sys/class/thermal/thermal_zone0/trip_point_1_type': 'critical\n',
  'sys/class/thermal/thermal_zone0/trip_point_1_temp': '110000\n',
  'sys/class/hwmon/hwmon0/name': 'nic\n',
  'sys/class/hwmon/hwmon0/temp1_input': '74000\n',
  'sys/class/hwmon/hwmon0/temp1_label': 'PHY\n',
  'sys/class/hwmon/hwmon0/temp2_input': '-274000\n',
  'sys/devices/system/clocksource/clocksource0/current_clocksource': 'arch_sys_counter\n',
};

const root = mkdtempSync(join(tmpdir(), 'board-'));
for (const [path, text] of Object.entries(BOARD)) {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}
mkdirSync(join(root, 'sys/class/block'), { recursive: true });
symlinkSync('../../devices/mmc/mmcblk0', join(root, 'sys/class/block/mmcblk0'));
symlinkSync('../../devices/mmc/mmcblk0/mmcblk0p3', join(root, 'sys/class/block/mmcblk0p3'));
after(() => rmSync(root, { recursive: true }));
const files = new HostFiles(root);

describe('what a board tells of itself', () => {
  test('temperatures, the hottest first, without a sensor that sleeps', () => {
    assert.deepEqual(readTemperatures(files), [
      { sensor: 'nic PHY', celsius: 74, criticalCelsius: null },
      { sensor: 'cpu-thermal', celsius: 61.234, criticalCelsius: 110 },
    ]);
  });

  test('memory and load', () => {
    assert.deepEqual(readMemory(files), { totalBytes: 1_024_000_000, availableBytes: 256_000_000 });
    assert.deepEqual(readLoad(files), {
      processors: 4,
      load1: 0.52,
      load15: 7.59,
      stalled: { processor: 0.125, memory: 0, storage: 0.03 },
    });
  });

  test('room and wear of the flash under a folder, of the disk that its partition is on', () => {
    const folder = '/var/lib/the box/history';
    assert.deepEqual(
      readStorage(folder, files, () => ({ bsize: 4096, blocks: 1000, bavail: 10 })),
      {
        folder,
        fileSystem: 'ext4',
        device: 'mmcblk0p3',
        totalBytes: 4_096_000,
        availableBytes: 40_960,
        readOnly: false,
        writtenBytes: 4000 * 512,
        wear: 0.9,
      },
    );
  });

  test('a folder that is yet to be made lies where it will be made; one in memory wears nothing', () => {
    const readRoom = (folder: string) => {
      if (folder !== '/run') throw new DeviceError('device.io', 'ENOENT');
      return { bsize: 1, blocks: 100, bavail: 100 };
    };
    const storage = readStorage('/run/apparenet/history', files, readRoom);
    assert.deepEqual(
      [storage?.folder, storage?.fileSystem, storage?.device, storage?.wear],
      ['/run', 'tmpfs', null, null],
    );
  });

  test('a machine that tells nothing has no figures, and that is no concern but for its clock', () => {
    const health = readBoxHealth('/', NOBODY, () => null);
    assert.deepEqual([health.memory, health.load, health.temperatures], [null, null, []]);
    assert.deepEqual(
      health.concerns.filter(({ subject }) => subject !== 'clock' && subject !== 'storage'),
      [],
    );
  });
});

describe('the clock', () => {
  test('the kernel knows best, also when the service is none that leaves a mark', () => {
    const kept = { synchronized: true, maxErrorNs: 2e6 };
    assert.deepEqual(
      readClockState(files, () => kept),
      {
        synchronized: true,
        service: null,
        maxErrorNs: 2e6,
        source: 'arch_sys_counter',
      },
    );
    const lost = readClockState(MACHINE_FILES, () => ({ synchronized: false, maxErrorNs: 16e9 }));
    assert.deepEqual([lost.synchronized, lost.service, lost.maxErrorNs], [false, 'systemd-timesyncd', null]);
  });

  test('where the kernel may not be asked, the mark of systemd-timesyncd is a synchronized clock', () => {
    assert.equal(readClockState(MACHINE_FILES, () => null).synchronized, true);
    assert.deepEqual(
      readClockState(NOBODY, () => null),
      {
        synchronized: null,
        service: null,
        maxErrorNs: null,
        source: null,
      },
    );
  });
});

describe('what is told to somebody', () => {
  const well = {
    temperatures: [{ sensor: 'cpu', celsius: 60, criticalCelsius: 95 }],
    memory: { totalBytes: GIGABYTE, availableBytes: GIGABYTE / 2 },
    storage: {
      folder: '/var/lib/apparenet',
      fileSystem: 'ext4',
      device: 'mmcblk0p3',
      totalBytes: 8 * GIGABYTE,
      availableBytes: 4 * GIGABYTE,
      readOnly: false,
      writtenBytes: 0,
      wear: 0.3,
    },
    load: { processors: 4, load1: 0.2, load15: 0.2, stalled: { processor: 0.01, memory: 0, storage: 0 } },
    clock: { synchronized: true, service: 'chrony' as const, maxErrorNs: 1e6, source: 'tsc' },
  };
  const describeAll = (change: Partial<typeof well>) =>
    judgeHealth({ ...well, ...change }).map(({ subject, severity }) => `${severity} ${subject}`);

  test('nothing where all is well', () => assert.deepEqual(describeAll({}), []));

  test('heat, by the limit that the driver names', () => {
    assert.deepEqual(describeAll({ temperatures: [{ sensor: 'cpu', celsius: 84, criticalCelsius: 95 }] }), [
      'warning temperature',
    ]);
    assert.deepEqual(describeAll({ temperatures: [{ sensor: 'cpu', celsius: 84, criticalCelsius: 125 }] }), []);
    assert.deepEqual(describeAll({ temperatures: [{ sensor: 'cpu', celsius: 92, criticalCelsius: 95 }] }), [
      'critical temperature',
    ]);
  });

  test('storage that is full, worn or can only be read, the worst first', () => {
    const storage = { ...well.storage, availableBytes: 0.6 * GIGABYTE, readOnly: true, wear: 0.9 };
    assert.deepEqual(describeAll({ storage }), ['critical storage', 'warning storage', 'warning storage']);
  });

  test('memory, load and clock', () => {
    assert.deepEqual(describeAll({ memory: { totalBytes: GIGABYTE, availableBytes: 0.03 * GIGABYTE } }), [
      'critical memory',
    ]);
    assert.deepEqual(describeAll({ load: { ...well.load, load15: 7 } }), ['warning load']);
    assert.deepEqual(describeAll({ load: { ...well.load, stalled: { processor: 0.7, memory: 0, storage: 0 } } }), [
      'warning load',
    ]);
    assert.deepEqual(describeAll({ clock: { ...well.clock, synchronized: false } }), ['warning clock']);
    assert.deepEqual(describeAll({ clock: { ...well.clock, source: 'hpet' } }), ['warning clock']);
  });
});
