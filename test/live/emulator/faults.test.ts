// Proves that faults are named on real packets with real timing: the native engine, a reflector of ours at the far end, and the
// emulator between them. What a path costs is bounded; how long it takes is not asserted.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Finding, Report } from '../../../src/model/report.js';
import { runProgram } from '../../unit/cli/run-program.js';
import { APPARENET, liveSkip, startReady } from '../test-path.js';
import { createEmulatedPath } from './emulated-path.js';

const MOST_BYTES = 5_000_000;

interface Told {
  readonly exitCode: number | null;
  readonly report: Report;
}

/** `ends`: whether something of ours answers at the far end, or only the kernel's echo. */
async function diagnose(stages: readonly string[], ends: 'reflector' | 'echo' = 'reflector'): Promise<Told> {
  const path = await createEmulatedPath(stages);
  const command = [process.execPath, APPARENET, 'reflect', '--port', path.port];
  try {
    const stop = ends === 'echo' ? null : await startReady(path, 'far', command, /reflecting/);
    const { exitCode, stdout, stderr } = await runProgram(['diagnose', path.farAddress, '--json'], {
      before: [...path.before],
    });
    await stop?.();
    assert.match(stdout, /^\{/, stderr);
    const report = JSON.parse(stdout) as Report;
    assert.ok(report.cost.bytes <= MOST_BYTES, `${report.cost.bytes} bytes`);
    return { exitCode, report };
  } finally {
    path.remove();
  }
}

const describeFindings = ({ findings }: Report): string =>
  findings.map(({ condition, probability, halfSide }) => `${condition} ${halfSide ?? ''} ${probability}`).join(', ');

function assertLeads({ report }: Told, condition: Finding['condition']): Finding {
  const leader = report.findings[0];
  assert.equal(leader?.condition, condition, describeFindings(report));
  assert.ok(leader.probability > 0.5, describeFindings(report));
  return leader;
}

function assertNothingWorse({ report }: Told, allowed: readonly Finding['condition'][]): void {
  const alarms = report.findings.filter(({ severity }) => severity !== 'info');
  for (const { condition } of alarms) assert.ok(allowed.includes(condition), describeFindings(report));
}

describe('a fault on the path', { skip: liveSkip }, () => {
  for (const [near, far, side] of [
    ['full', 'half', 'far'],
    ['half', 'full', 'near'],
  ] as const) {
    test(`a duplex mismatch at 100 Mb/s whose ${side} side is half, between two boxes`, async () => {
      const told = await diagnose([`medium rate=100M near=${near} far=${far}`, 'link rate=1G delay=200u']);
      assert.equal(assertLeads(told, 'duplex-mismatch').halfSide, side, describeFindings(told.report));
      assert.equal(told.exitCode, 2);
    });

    test(`the same by echo alone, where the side may stay open`, async () => {
      const told = await diagnose([`medium rate=100M near=${near} far=${far}`, 'link rate=1G delay=200u'], 'echo');
      const { halfSide } = assertLeads(told, 'duplex-mismatch');
      assert.ok(halfSide === side || halfSide === 'unknown', describeFindings(told.report));
    });
  }

  test('a policer at 10 Mb/s is no congestion', async () => {
    const told = await diagnose(['link rate=100M delay=5m', 'bucket rate=10M burst=40k']);
    assertLeads(told, 'policer');
    assert.ok(!told.report.findings.some(({ condition }) => condition === 'congestion'));
  });

  test('bit errors are told from packets lost at random by their size', async () => {
    assertLeads(await diagnose(['link rate=100M delay=1m', 'loss errors=0.000008']), 'media-errors');
  });

  // Nothing fragments in a layer-2 path: what is too long is lost whatever DF says.
  test('a switch that drops long frames', async () => {
    assertLeads(await diagnose(['link rate=100M delay=1m', 'size most=1400']), 'mtu-mismatch');
  });

  test('0.1 % of random loss is nothing worse', async () => {
    const told = await diagnose(['link rate=100M delay=2m', 'loss ratio=0.001']);
    assertNothingWorse(told, ['random-loss']);
  });

  test('jitter and other traffic are no fault', async () => {
    const told = await diagnose(['link rate=100M delay=2m load=0.3', 'wander mean=500u']);
    assert.equal(told.exitCode, 0, describeFindings(told.report));
  });

  test('half duplex at both ends of a link is no fault', async () => {
    assertNothingWorse(await diagnose(['medium rate=100M near=half far=half', 'link rate=1G delay=200u']), []);
  });
});
