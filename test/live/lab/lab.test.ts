// scripts/lab builds the path it promises, loses what it is told to lose, leaves the machine's own network alone and nothing
// behind. Needs root.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { after, afterEach, test } from 'node:test';

const LAB = `t${process.pid}`;
const OTHER = `u${process.pid}`;
const FAR4 = '10.237.2.2';
const FAR6 = 'fd37:3237:3238:2::2';
const root = process.getuid?.() === 0 ? false : 'namespaces need root';

/** Runs scripts/lab from the checkout, which is where scripts/test runs tests. */
function runLab(...words: string[]): {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
} {
  return spawnSync('scripts/lab', words, { encoding: 'utf8' });
}

function up(...words: string[]): void {
  const result = runLab('up', ...words);
  assert.equal(result.status, 0, result.stderr);
}

/** Replies to `count` echo requests of `payloadBytes`, with the don't-fragment bit. */
function countEchoes(lab: string, address: string, count: number, payloadBytes = 8): number {
  const interval = ['-i', '0.002', '-W', '1', '-M', 'do', '-s', String(payloadBytes)];
  const result = runLab('exec', '--lab', lab, 'probe', 'ping', '-q', ...interval, '-c', String(count), address);
  return Number(/(\d+) received/.exec(result.stdout)?.[1] ?? NaN);
}

const listOwnLinks = (): string => execFileSync('ip', ['-brief', 'link'], { encoding: 'utf8' });
const listOwnRoutes = (): string => execFileSync('ip', ['route', 'show', 'table', 'all'], { encoding: 'utf8' });
const listLabs = (): string => execFileSync('ip', ['netns', 'list'], { encoding: 'utf8' });

afterEach(() => {
  if (root === false) for (const lab of [LAB, OTHER]) runLab('down', lab);
});
after(() => {
  if (root === false) assert.doesNotMatch(listLabs(), new RegExp(`apparenet-(${LAB}|${OTHER})-`));
});

test('a lab carries IPv4 and IPv6 and adds nothing to the machine itself', { skip: root }, () => {
  up(LAB);
  assert.equal(countEchoes(LAB, FAR4, 20), 20);
  assert.equal(countEchoes(LAB, FAR6, 20), 20);
  assert.doesNotMatch(listOwnLinks(), /\blab-/);
  assert.doesNotMatch(listOwnRoutes(), /\b10\.237\./);
});

test('nothing leads out of a lab', { skip: root }, () => {
  up(LAB);
  for (const part of ['probe', 'router', 'far']) {
    const routes = runLab('exec', '--lab', LAB, part, 'ip', 'route', 'get', '192.0.2.1');
    assert.notEqual(routes.status, 0, `${part} has a route to 192.0.2.1: ${routes.stdout}`);
  }
});

test('loss of 20 % loses 15-25 % of 2,000 requests', { skip: root }, () => {
  up(LAB, '--loss', '20');
  // Five standard deviations of a binomial with these parameters are 4.5 %.
  const lossRatio = 1 - countEchoes(LAB, FAR4, 2000) / 2000;
  assert.ok(lossRatio > 0.15 && lossRatio < 0.25, `lost ${lossRatio}`);
});

test('the MTU of the far link lets 576 bytes pass and no more', { skip: root }, () => {
  up(LAB, '--mtu', '576');
  assert.equal(countEchoes(LAB, FAR4, 5, 576 - 28), 5);
  assert.equal(countEchoes(LAB, FAR4, 2, 577 - 28), 0);
});

test('up twice replaces, two names stand side by side, down takes only its own', { skip: root }, () => {
  up(LAB, '--rate', '50mbit', '--loss', '100');
  up(LAB, '--rate', '10mbit');
  up(OTHER);
  assert.match(runLab('status').stdout, new RegExp(`'${LAB}'.*\\n.*rate 10Mbit`));
  assert.equal(countEchoes(LAB, FAR4, 5), 5);
  assert.equal(runLab('down', LAB).status, 0);
  assert.equal(countEchoes(OTHER, FAR4, 5), 5);
});

test('a lab that cannot be built leaves nothing behind', { skip: root }, () => {
  const result = runLab('up', LAB, '--rate', '1bit', '--burst', '1b');
  assert.equal(result.status, 3, result.stdout);
  assert.doesNotMatch(listLabs(), new RegExp(`apparenet-${LAB}-`));
});

test('wrong words end with 64 and one line', () => {
  const wrong = [
    ['up', '--rate', 'fast'],
    ['up', '--loss', '101'],
    ['up', '--mtu', '10'],
    ['up', '--burst', '32kb'],
    ['up', 'Bad_Name'],
    ['exec', 'middle', 'true'],
    ['sideways'],
  ];
  for (const words of wrong) {
    const result = runLab(...words);
    assert.equal(result.status, 64, `${words.join(' ')}: ${result.stderr}`);
    assert.equal(result.stderr.trim().split('\n').length, 1, result.stderr);
  }
});
