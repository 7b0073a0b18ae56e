// What a router says of a target that nobody reaches, and who can mend it. Routers say it once or twice, and then not for seconds:
// often before the examination has begun, or after its first packets have been given up.
import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import type { Report } from '../../../src/model/report.js';
import { runProgram } from '../../unit/cli/run-program.js';
import { createRoutedPath, type RoutedPath } from '../routed-path.js';
import { liveSkip } from '../test-path.js';

function makePath(context: TestContext): RoutedPath {
  const routed = createRoutedPath();
  context.after(() => routed.remove());
  return routed;
}

async function diagnose({ path }: RoutedPath, target: string): Promise<Report> {
  const before = ['ip', 'netns', 'exec', path.near];
  const { stdout, stderr } = await runProgram(['diagnose', target, '--json'], { before });
  assert.notEqual(stdout, '', stderr);
  return JSON.parse(stdout) as Report;
}

async function assertSays(
  routed: RoutedPath,
  target: string,
  router: string,
  said: RegExp,
  advice: RegExp,
): Promise<void> {
  const { findings } = await diagnose(routed, target);
  const [finding] = findings;
  assert.equal(finding?.condition, 'unreachable');
  assert.deepEqual(finding.where, { kind: 'hop', address: router });
  assert.match(finding.evidence.map(({ text }) => text).join('\n'), said);
  assert.match(finding.advice, advice);
}

describe('a router that knows why', { skip: liveSkip, timeout: 60_000 }, () => {
  test('has no route', async (context) => {
    const routed = makePath(context);
    const { farAddress } = routed.path;
    await assertSays(routed, '10.68.0.9', farAddress, /no route to that network/, /the routes of/);
  });

  test('forbids, over IPv6', async (context) => {
    const routed = makePath(context);
    routed.path.exec('far', 'ip', '-6', 'route', 'add', 'prohibit', 'fd68::/64');
    await assertSays(routed, 'fd68::9', routed.path.farAddress6, /a filter prohibits it/, /the filters of/);
  });

  test('asks for the host for seconds before it says so', async (context) => {
    const routed = makePath(context);
    const { farAddress } = routed.path;
    await assertSays(routed, '10.67.0.9', farAddress, /does not answer on its link/, /10\.67\.0\.9 is on/);
  });
});
