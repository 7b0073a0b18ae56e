// Proves that the three parts do their work under a running systemd, inside the sandbox that their units describe: they get ready, send
// for whoever may ask, follow a reload, come back after a kill and end in time. Cannot prove that a firmware image boots like this.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { createTestPath, type TestPath } from '../test-path.js';
import { APPARENET_COMMAND, bootSkip, bootSystem, type BootedSystem } from './booted-system.js';

const UNITS = ['apparenet-tps', 'apparenet-as', 'apparenet-ui'];
const ORDINARY_USER = 65534;

describe('the parts under systemd', { skip: bootSkip }, () => {
  let path: TestPath;
  let system: BootedSystem | null = null;
  before(async () => {
    path = createTestPath();
    system = await bootSystem(path);
    system?.run('systemd-sysusers');
    system?.run('systemd-tmpfiles', '--create', 'apparenet.conf');
    system?.run('systemctl', 'start', 'apparenet.target');
  });
  after(async () => {
    await system?.remove();
    path.remove();
  });

  const inSystem = (name: string, run: (system: BootedSystem) => Promise<void> | void): void => {
    test(name, (context) => (system ? run(system) : context.skip('this machine boots no systemd in a container')));
  };

  const groupOf = (booted: BootedSystem): string =>
    booted.run('getent', 'group', 'apparenet').stdout.split(':')[2] ?? '';
  const asMember = (booted: BootedSystem): string[] => [
    'setpriv',
    `--reuid=${ORDINARY_USER}`,
    `--regid=${ORDINARY_USER}`,
    `--groups=${groupOf(booted)}`,
    APPARENET_COMMAND,
  ];

  inSystem('all three get ready, and none runs as root', async (booted) => {
    await booted.runUntil(/^active\nactive\nactive$/m, 'systemctl', 'is-active', ...UNITS);
    const users = booted.run('ps', '-C', 'node', '-o', 'user=').stdout.trim().split(/\s+/);
    assert.deepEqual(users, ['apparenet', 'apparenet', 'apparenet']);
  });

  inSystem('who belongs to their group gets an examination, without any right of his own', (booted) => {
    const { status, stdout, stderr } = booted.run(...asMember(booted), 'diagnose', path.farAddress, '--json');
    assert.ok(status !== null && status <= 2, stderr);
    const { verdict, port } = JSON.parse(stdout) as { verdict: string; port: { name: string } };
    assert.match(verdict, /^(ok|warning|critical)$/);
    assert.equal(port.name, path.port);
  });

  inSystem('who does not is told whom to ask', (booted) => {
    const outsider = ['setpriv', `--reuid=${ORDINARY_USER}`, `--regid=${ORDINARY_USER}`, '--clear-groups'];
    const { status, stderr } = booted.run(...outsider, APPARENET_COMMAND, 'diagnose', path.farAddress);
    assert.equal(status, 77);
    assert.match(stderr, /usermod -aG apparenet/);
  });

  inSystem('a target that is added is watched after a reload', async (booted) => {
    const added = booted.run(APPARENET_COMMAND, 'targets', 'add', 'far', path.farAddress);
    assert.equal(added.status, 0, added.stderr);
    booted.run('systemctl', 'reload', 'apparenet-as');
    await booted.runUntil(/target far is new/, 'journalctl', '-u', 'apparenet-as', '-o', 'cat', '--no-pager');
  });

  for (const unit of UNITS) {
    inSystem(`${unit} comes back after a kill, and the others go on`, async (booted) => {
      const showPid = ['systemctl', 'show', '-P', 'MainPID', unit];
      const before = booted.run(...showPid).stdout.trim();
      booted.run('systemctl', 'kill', '--signal=KILL', unit);
      await booted.runUntil(new RegExp(`^(?!(${before}|0)\n)`), ...showPid);
      await booted.runUntil(/^active\nactive\nactive$/m, 'systemctl', 'is-active', ...UNITS);
    });
  }

  inSystem('what was killed serves again', async (booted) => {
    await booted.runUntil(/"far"/, APPARENET_COMMAND, 'targets', 'list', '--json');
    const { status, stderr } = booted.run(...asMember(booted), 'measure', path.farAddress, 'delay', '--json');
    assert.equal(status, 0, stderr);
  });

  inSystem('they end when they are told to, and nothing was refused to them', (booted) => {
    booted.run('systemctl', 'stop', 'apparenet.target', ...UNITS);
    const results = booted.run('systemctl', 'show', '-P', 'Result', ...UNITS).stdout;
    assert.deepEqual(results.trim().split(/\s+/), ['success', 'success', 'success']);
    const journal = booted.run('journalctl', '-u', 'apparenet-*', '-o', 'cat', '--no-pager').stdout;
    assert.doesNotMatch(journal, /EPERM|EACCES|SIGSYS|core-dump|mode is different|Timed out|timeout/i);
  });
});
