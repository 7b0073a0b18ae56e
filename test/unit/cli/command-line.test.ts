// The real program without a network: wrong usage, help, JSON, colour, and a reader who goes away.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, test } from 'node:test';
import { QUANTITIES } from '../../../src/model/examination.js';
import { APPARENET, runProgram } from './run-program.js';

const COMMANDS = [
  'run',
  'diagnose',
  'measure',
  'reflect',
  'ports',
  'status',
  'simulate',
  'console',
  'config',
  'access',
  'targets',
  'schedule',
];

describe('wrong usage ends with 64, one line on stderr and nothing on stdout', { concurrency: 4 }, () => {
  const CASES: readonly (readonly [words: readonly string[], line: RegExp])[] = [
    [['bogus'], /unknown command 'bogus'; see apparenet --help/],
    [['diagnos', '127.0.0.1'], /Did you mean diagnose\?/],
    [['diagnose'], /missing required argument 'TARGET'; see apparenet diagnose --help/],
    [['diagnose', '127.0.0.1', 'extra'], /too many arguments/],
    [['diagnose', '127.0.0.1', '--jsno'], /unknown option '--jsno' \(Did you mean --json\?\)/],
    [['diagnose', '127.0.0.1', '--port'], /argument missing/],
    [['diagnose', '127.0.0.1', '--port', 'nope7'], /no port "nope7" here; the ports are .*\blo\b/],
    [['diagnose', '127.0.0.1', '--via', 'ping'], /--via cannot be "ping"/],
    [['diagnose', '127.0.0.1', '--quick', '--deep'], /cannot be used with/],
    [['diagnose', '127.0.0.1', '--max-seconds', '3601'], /1 to 3600/],
    [['diagnose', '127.0.0.1', '--max-bytes', '5G'], /500k or 5M/],
    [['diagnose', '192.0.2.256'], /no IPv4 address/],
    [['diagnose', 'https://example.org/'], /give only its host, example\.org/],
    [['diagnose', ''], /no target given/],
    [['measure', '127.0.0.1'], /missing required argument 'QUANTITY'; see apparenet measure --help/],
    [['measure', '127.0.0.1', 'speed'], /cannot be "speed": choose one of capacity/],
    [['measure', '127.0.0.1', 'avaliable'], /did you mean available\? choose one of capacity/],
    [['measure', '127.0.0.1', 'loss', 'delay'], /too many arguments.*; see apparenet measure --help/],
    [['reflect', '--allow', '10.0.0.0/33'], /--allow cannot be "10\.0\.0\.0\/33"/],
    [['reflect', '--udp-port', '65536'], /0 to 65535/],
    [['ports', 'a b'], /has a space/],
    [['run', '--once'], /--examine/],
    [['run', '--json'], /--examine/],
    [['run', '--only', 'as,db'], /choose one of tps, as, ui/],
    [['console'], /required option '--broker <url>'/],
    [['console', '--broker', 'ftp://x'], /--broker: must begin with mqtt:/],
    [['console', '--broker', 'mqtt://u:p@h'], /user and password: they belong in --credentials/],
    [['targets', 'lst'], /targets has no command 'lst': did you mean list\?/],
    [['targets', 'add', 'x'], /missing required argument 'ADDRESS'; see apparenet targets add --help/],
    [['schedule', 'frobnicate'], /no command 'frobnicate': see apparenet schedule --help/],
    [['simulate', 'no-such-path'], /no-such-path/],
    [['simulate', 'healthy', '--seed', '-1'], /--seed cannot be/],
  ];
  for (const [words, line] of CASES) {
    for (const more of [[], ['--json']]) {
      // reflect has no --json: there the unknown option would be the error.
      if (more.length > 0 && words[0] === 'reflect') continue;
      test([...words, ...more].join(' '), async () => {
        const { exitCode, stdout, stderr } = await runProgram([...words, ...more]);
        assert.equal(exitCode, 64, stderr);
        assert.equal(stdout, '');
        assert.match(stderr, /^apparenet: [^\n]+\n$/);
        if (more.length === 0) assert.match(stderr, line);
      });
    }
  }
});

describe('help', () => {
  test('measure names every quantity', async () => {
    const { stdout } = await runProgram(['measure', '--help']);
    const words = stdout.split(/[^a-z]+/);
    for (const quantity of QUANTITIES) assert.ok(words.includes(quantity), quantity);
  });

  for (const command of COMMANDS) {
    test(command, async () => {
      const { exitCode, stdout, stderr } = await runProgram([command, '--help']);
      assert.equal(exitCode, 0);
      assert.equal(stderr, '');
      assert.match(stdout, new RegExp(`^Usage: apparenet ${command}`));
      assert.match(stdout, new RegExp(`Examples:\\n  (sudo )?apparenet ${command}`));
    });
  }

  test('the program lists every command', async () => {
    const { exitCode, stdout } = await runProgram(['--help']);
    assert.equal(exitCode, 0);
    for (const command of COMMANDS) assert.match(stdout, new RegExp(`^  ${command}\\b`, 'm'));
  });

  test('without a command it goes to stderr with 64', async () => {
    const { exitCode, stdout, stderr } = await runProgram([]);
    assert.deepEqual([exitCode, stdout], [64, '']);
    assert.match(stderr, /^Usage: /);
  });

  test('the version', async () => {
    const { exitCode, stdout } = await runProgram(['--version']);
    assert.equal(exitCode, 0);
    assert.match(stdout, /^\d+\.\d+\.\d+\n$/);
  });
});

describe('simulate', () => {
  test('the exit status is the verdict, and the report says it', async () => {
    for (const [scenario, exitCode, verdict] of [
      ['healthy', 0, 'OK'],
      ['low-negotiation', 1, 'WARNING'],
      ['unreachable', 2, 'CRITICAL'],
    ] as const) {
      const outcome = await runProgram(['simulate', scenario]);
      assert.equal(outcome.exitCode, exitCode, scenario);
      assert.match(outcome.stdout, new RegExp(`^${verdict}  `, 'm'), scenario);
      assert.equal(outcome.stderr, '', scenario);
    }
  });

  test('--json is one document and nothing else; the same seed gives the same figures', async () => {
    const read = async (seed: string) => {
      const { stdout, stderr } = await runProgram(['simulate', 'lossy', '--seed', seed, '--json']);
      assert.equal(stderr, '');
      const report = JSON.parse(stdout) as { schema: string; estimates: unknown };
      assert.equal(report.schema, 'apparenet.report/1');
      return report.estimates;
    };
    const [first, again, other] = await Promise.all([read('7'), read('7'), read('8')]);
    assert.deepEqual(first, again);
    assert.notDeepEqual(first, other);
  });

  test('no colour without a terminal; FORCE_COLOR brings it; NO_COLOR alone changes nothing', async () => {
    const escapes = async (env: Readonly<Record<string, string>>): Promise<boolean> =>
      (await runProgram(['simulate', 'healthy'], { env })).stdout.includes('\u001b[');
    assert.equal(await escapes({}), false);
    assert.equal(await escapes({ FORCE_COLOR: '1' }), true);
    assert.equal(await escapes({ NO_COLOR: '1' }), false);
  });

  test('the list names what it then runs', async () => {
    const { stdout } = await runProgram(['simulate', '--json']);
    const { scenarios } = JSON.parse(stdout) as { scenarios: { name: string; description: string }[] };
    assert.ok(scenarios.some(({ name }) => name === 'healthy'));
    assert.ok(scenarios.every(({ description }) => description !== '' && !description.includes('\n')));
  });
});

describe('a reader who goes away', () => {
  for (const words of [['simulate'], ['simulate', 'healthy', '--json'], ['ports']]) {
    test(`${words.join(' ')} ends quietly`, async () => {
      const child = spawn(process.execPath, [APPARENET, ...words], { stdio: ['ignore', 'pipe', 'pipe'] });
      child.stdout.destroy();
      let stderr = '';
      child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
      const [exitCode, signal] = (await once(child, 'close')) as [number | null, string | null];
      assert.equal(stderr, '');
      assert.equal(signal, null);
      assert.ok(exitCode !== null && exitCode <= 2, String(exitCode));
    });
  }
});

describe('this machine', () => {
  test('ports --json has the registered ports, in order', async () => {
    const { exitCode, stdout } = await runProgram(['ports', '--json']);
    const { ports } = JSON.parse(stdout) as { ports: { port: number; protocol: string }[] };
    assert.deepEqual(
      ports.map(({ port, protocol }) => `${port}/${protocol}`),
      ['3237/udp', '3237/tcp', '3238/tcp', '3238/udp', '3239/tcp', '3239/udp'],
    );
    assert.ok(exitCode === 0 || exitCode === 1);
  });

  test('status --json has the three parts and the ports', async () => {
    const { stdout } = await runProgram(['status', '--json']);
    const status = JSON.parse(stdout) as { parts: { part: string }[]; ports: { facts: { name: string } }[] };
    assert.deepEqual(
      status.parts.map(({ part }) => part),
      ['tps', 'as', 'ui'],
    );
    assert.ok(status.ports.some(({ facts }) => facts.name === 'lo'));
  });
});
