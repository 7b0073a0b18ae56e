// A Debian with our units under a systemd of its own: this machine's root folder below a layer in memory, booted by systemd-nspawn in
// the near namespace of a test path. Nothing of this machine is changed or reachable, and no service of it is started. Needs root.
import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CHECKOUT, type TestPath } from '../test-path.js';

/** Where packaging would place the product; the checkout itself may lie where services cannot look. */
const PRODUCT = '/usr/lib/apparenet/product';
const NODE = '/usr/lib/apparenet/node';
export const APPARENET_COMMAND = '/usr/bin/apparenet';
const BOOT_WAIT_MS = 60_000;

export const bootSkip: string | false =
  process.getuid?.() !== 0
    ? 'needs root to boot a system'
    : spawnSync('systemd-nspawn', ['--version']).error
      ? 'needs systemd-nspawn (apt-get install systemd-container)'
      : !readFileSync('/proc/filesystems', 'utf8').includes('overlay')
        ? 'needs a kernel with overlayfs'
        : false;

export interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface BootedSystem {
  /** Runs a command in it, as root unless it says otherwise; its exit status may be anything. */
  run(...command: string[]): Ran;
  /** Runs the same each 250 ms until its stdout fits; @throws AssertionError with the last one after a minute. */
  runUntil(expected: RegExp, ...command: string[]): Promise<string>;
  remove(): Promise<void>;
}

/** null where this machine boots no systemd in a container, for example inside of another one. */
export async function bootSystem(path: TestPath): Promise<BootedSystem | null> {
  const folder = mkdtempSync(join(tmpdir(), 'apparenet-boot-'));
  const root = join(folder, 'root');
  execFileSync('mount', ['-t', 'tmpfs', 'apparenet-boot', folder]);
  for (const name of ['upper', 'work', 'root']) mkdirSync(join(folder, name));
  const layers = `lowerdir=/,upperdir=${join(folder, 'upper')},workdir=${join(folder, 'work')}`;
  const unmount = (): void => {
    for (const place of [root, folder]) spawnSync('umount', [place]);
    rmSync(folder, { recursive: true });
  };
  if (spawnSync('mount', ['-t', 'overlay', 'overlay', '-o', layers, root]).status !== 0) {
    unmount();
    return null;
  }
  install(root);
  const container = spawn('systemd-nspawn', nspawnWords(root, path), { stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = once(container, 'exit');
  const remove = async (): Promise<void> => {
    // The first asks its systemd to power off; a second one would not wait for it.
    container.kill('SIGTERM');
    await ended;
    unmount();
  };
  const run = (...command: string[]): Ran => {
    const words = ['-t', String(leaderOf(container.pid)), '-m', '-u', '-i', '-n', '-p', '--', ...command];
    return spawnSync('nsenter', words, { encoding: 'utf8', cwd: '/' });
  };
  const runUntil = (expected: RegExp, ...command: string[]): Promise<string> =>
    waitFor(expected, () => run(...command), BOOT_WAIT_MS);
  const isBooted = await waitFor(/^active/, () => run('systemctl', 'is-active', 'basic.target'), BOOT_WAIT_MS).then(
    () => true,
    () => false,
  );
  if (!isBooted) {
    await remove();
    return null;
  }
  return { run, runUntil, remove };
}

/** Our files where packaging places them, and none of the services that this machine would start. */
function install(root: string): void {
  const place = (from: string, to: string): void => {
    mkdirSync(join(root, to, '..'), { recursive: true });
    copyFileSync(join(CHECKOUT, 'systemd', from), join(root, to));
  };
  rmSync(join(root, 'etc/systemd/system'), { recursive: true, force: true });
  rmSync(join(root, 'etc/fstab'), { force: true });
  // Another one than this machine's.
  writeFileSync(join(root, 'etc/machine-id'), '');
  for (const unit of ['apparenet-tps.service', 'apparenet-as.service', 'apparenet-ui.service', 'apparenet.target']) {
    place(unit, `usr/lib/systemd/system/${unit}`);
  }
  place('apparenet.env', 'usr/lib/apparenet/apparenet.env');
  place('apparenet.sysusers', 'usr/lib/sysusers.d/apparenet.conf');
  place('apparenet.tmpfiles', 'usr/lib/tmpfiles.d/apparenet.conf');
  mkdirSync(join(root, PRODUCT));
  writeFileSync(join(root, NODE), '');
  for (const [command, main] of [
    [APPARENET_COMMAND, 'apparenet'],
    ['/usr/bin/apparenet-tps', 'tps'],
    ['/usr/bin/apparenet-as', 'as'],
    ['/usr/bin/apparenet-ui', 'ui'],
  ] as const) {
    const script = `#!/bin/sh\nexec ${NODE} ${PRODUCT}/dist/src/main/${main}.js "$@"\n`;
    writeFileSync(join(root, command), script, { mode: 0o755 });
  }
}

function nspawnWords(root: string, path: TestPath): string[] {
  return [
    ...['--quiet', '--boot', '--directory', root, '--console=pipe', '--link-journal=no', '--register=no'],
    // Where no systemd runs outside there is nobody to make a unit for it.
    ...(existsSync('/run/systemd/system') ? [] : ['--keep-unit']),
    `--machine=${path.near}`,
    `--network-namespace-path=/run/netns/${path.near}`,
    `--bind-ro=${CHECKOUT}:${PRODUCT}`,
    `--bind-ro=${process.execPath}:${NODE}`,
    'systemd.unit=basic.target',
  ];
}

/** The systemd in the container, whose namespaces are those of the booted system. */
function leaderOf(nspawnPid: number | undefined): number {
  const children = spawnSync('ps', ['--ppid', String(nspawnPid), '-o', 'pid='], { encoding: 'utf8' }).stdout.trim();
  return Number(children.split('\n')[0]);
}

async function waitFor(expected: RegExp, run: () => Ran, mostMs: number): Promise<string> {
  const endMs = performance.now() + mostMs;
  for (;;) {
    const ran = run();
    if (expected.test(ran.stdout)) return ran.stdout;
    assert.ok(performance.now() < endMs, `${String(expected)} did not come: ${ran.stdout}${ran.stderr}`);
    await sleep(250);
  }
}
