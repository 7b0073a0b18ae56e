// The units of systemd/ as systemd itself judges them, in a root folder of their own: nothing of this machine is read or changed.
import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { makeFolder } from '../../contract/parts/simulated-parts.js';

const run = promisify(execFile);
const UNITS = 'systemd';
const SYSTEM_UNITS = '/usr/lib/systemd/system';
/** Largest exposure that each unit may have, of 10 (docs: security exposure). */
const MOST_EXPOSURE = { tps: 2.0, as: 1.5, ui: 1.5 } as const;

const noSystemd = spawnSync('systemd-analyze', ['--version']).error
  ? 'needs systemd-analyze (apt-get install systemd)'
  : false;

/** A root with our units, systemd's own, and stand-ins for what packaging places in /usr/bin. */
function makeRoot(): string {
  const root = makeFolder();
  cpSync(SYSTEM_UNITS, join(root, SYSTEM_UNITS), { recursive: true, verbatimSymlinks: true });
  for (const name of readdirSync(UNITS).filter((file) => /\.(service|target)$/.test(file))) {
    cpSync(join(UNITS, name), join(root, SYSTEM_UNITS, name));
  }
  mkdirSync(join(root, 'usr/bin'), { recursive: true });
  for (const part of ['tps', 'as', 'ui']) {
    writeFileSync(join(root, `usr/bin/apparenet-${part}`), '#!/bin/sh\n', { mode: 0o755 });
  }
  // Of procps or busybox.
  mkdirSync(join(root, 'bin'));
  writeFileSync(join(root, 'bin/kill'), '#!/bin/sh\n', { mode: 0o755 });
  return root;
}

test('systemd finds nothing wrong with the units', { skip: noSystemd }, async () => {
  const root = makeRoot();
  const units = ['tps.service', 'as.service', 'ui.service'].map((unit) => `apparenet-${unit}`);
  const { stdout, stderr } = await run('systemd-analyze', [
    'verify',
    `--root=${root}`,
    '--man=no',
    ...units,
    'apparenet.target',
  ]);
  assert.equal(stdout + stderr, '');
});

for (const [part, most] of Object.entries(MOST_EXPOSURE)) {
  test(`apparenet-${part} is exposed by at most ${most} of 10`, { skip: noSystemd }, async (context) => {
    const root = makeRoot();
    const unit = `apparenet-${part}.service`;
    const { stdout } = await run('systemd-analyze', [
      'security',
      '--offline=true',
      '--no-pager',
      `--root=${root}`,
      unit,
    ]);
    const exposure = Number(/exposure level for \S+: ([\d.]+)/.exec(stdout)?.[1] ?? NaN);
    context.diagnostic(`${unit}: exposure ${exposure}`);
    assert.ok(exposure <= most, stdout);
  });
}

test('the user that the units name is one that sysusers makes', { skip: noSystemd }, async () => {
  const root = makeFolder();
  mkdirSync(join(root, 'etc'), { recursive: true });
  await run('systemd-sysusers', [`--root=${root}`, join(process.cwd(), UNITS, 'apparenet.sysusers')]);
  const { stdout } = await run('grep', ['-c', '^apparenet:', join(root, 'etc/passwd')]);
  assert.equal(stdout.trim(), '1');
});

test('every unit hands Node.js options that it takes', () => {
  const environment = readFileSync(join(UNITS, 'apparenet.env'), 'utf8');
  const [, options = ''] = /^NODE_OPTIONS=(.+)$/m.exec(environment) ?? [];
  const started = spawnSync(process.execPath, ['-e', ''], { env: { NODE_OPTIONS: options }, encoding: 'utf8' });
  assert.equal(started.status, 0, started.stderr);
  assert.match(options, /--max-semi-space-size=1\b/);
  for (const part of ['tps', 'as', 'ui']) {
    const unit = readFileSync(join(UNITS, `apparenet-${part}.service`), 'utf8');
    assert.match(unit, /^EnvironmentFile=-\/usr\/lib\/apparenet\/apparenet\.env$/m, part);
  }
});

test('the sysctl fragment grants what the engine asks for, of which the kernel gives twice the number', () => {
  const [source, fragment] = ['device/nic/port.c', join(UNITS, 'apparenet.sysctl')].map((file) =>
    readFileSync(file, 'utf8'),
  );
  const granted = (name: string): number =>
    Number(new RegExp(`^net\\.core\\.${name} = (\\d+)$`, 'm').exec(fragment ?? '')?.[1]);
  const asked = (name: string): number =>
    Number(new RegExp(`${name} = (\\d+) << 20,`).exec(source ?? '')?.[1]) * 2 ** 20;
  assert.equal(2 * granted('rmem_max'), asked('MOST_RECEIVE_BYTES'));
  assert.equal(2 * granted('wmem_max'), asked('SEND_BUFFER_BYTES'));
});

test(
  'the folder of the configuration is one that the service may write in, and nobody else',
  { skip: noSystemd },
  async () => {
    const root = makeFolder();
    mkdirSync(join(root, 'etc'), { recursive: true });
    await run('systemd-sysusers', [`--root=${root}`, join(process.cwd(), UNITS, 'apparenet.sysusers')]);
    await run('systemd-tmpfiles', ['--create', `--root=${root}`, join(process.cwd(), UNITS, 'apparenet.tmpfiles')]);
    const { mode, gid } = statSync(join(root, 'etc/apparenet'));
    const [, , group] = /^apparenet:([^:]*):(\d+):/m.exec(readFileSync(join(root, 'etc/group'), 'utf8')) ?? [];
    assert.deepEqual([mode & 0o777, String(gid)], [0o775, group]);
    assert.match(readFileSync(join(UNITS, 'apparenet-as.service'), 'utf8'), /^ReadWritePaths=-\/etc\/apparenet$/m);
  },
);
