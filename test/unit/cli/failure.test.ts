// How a failure ends: exit status and words; and that the table of error codes is complete, documented and used.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { describeFailure } from '../../../src/cli/failure.js';
import {
  CanceledError,
  ConfigError,
  DeviceError,
  ERROR_CODES,
  EXIT,
  InvariantError,
  PermissionError,
  ProtocolError,
  UsageError,
} from '../../../src/model/errors.js';

const CHECKOUT = fileURLToPath(new URL('../../../../', import.meta.url));

describe('each class of error has its exit status and one line', () => {
  const CASES = [
    [new UsageError('usage.port', 'no port "x"'), EXIT.usage],
    [new ConfigError('targets[0]', 'no address'), EXIT.config],
    [new DeviceError('device.route', 'no route to 192.0.2.1'), EXIT.unknown],
    [new ProtocolError('short packet'), EXIT.unknown],
    [new CanceledError(), EXIT.unknown],
    [new InvariantError('two verdicts'), EXIT.unknown],
    [new TypeError('x is\nnot a function'), EXIT.unknown],
    ['a thrown text', EXIT.unknown],
  ] as const;
  for (const [error, exitCode] of CASES) {
    test(error instanceof Error ? error.name : error, () => {
      const failure = describeFailure(error, ['apparenet', 'diagnose', '192.0.2.1'], false);
      assert.equal(failure.exitCode, exitCode);
      assert.equal(failure.lines.length, 1);
      assert.match(failure.lines[0] ?? '', /^apparenet: \S[^\n]*$/);
    });
  }
});

test('a missing permission names the command that grants it, and how to run this once', () => {
  const error = new PermissionError('permission.raw-packets', 'needs CAP_NET_RAW', 'sudo setcap x /usr/bin/node');
  const { exitCode, lines } = describeFailure(error, ['scripts/apparenet', 'diagnose', "o'clock"], false);
  assert.equal(exitCode, EXIT.permission);
  assert.equal(lines.length, 3);
  assert.ok(lines[1]?.endsWith('sudo setcap x /usr/bin/node'));
  assert.ok(lines[2]?.endsWith(`sudo scripts/apparenet diagnose 'o'\\''clock'`));
});

test('the stack is shown only on request', () => {
  const error = new InvariantError('two verdicts');
  assert.ok(describeFailure(error, [], true).lines.some((line) => line.includes('failure.test')));
});

describe('the table of error codes', () => {
  const codes = Object.keys(ERROR_CODES);

  test('docs/errors.md says the same as the program', () => {
    const rows = readFileSync(join(CHECKOUT, 'docs/errors.md'), 'utf8').matchAll(
      /^\| `([^`]+)` \| (\d+) \| (.+?) \| (.+?) \|$/gm,
    );
    const documented = [...rows].map(([, code = '', exit, meaning, remedy]) => ({
      code,
      exit: Number(exit),
      meaning,
      remedy,
    }));
    assert.deepEqual(
      documented.map(({ code }) => code),
      codes,
    );
    for (const { code, exit, meaning, remedy } of documented) {
      assert.equal(meaning, ERROR_CODES[code as keyof typeof ERROR_CODES], code);
      assert.equal(exit, exitOf(code), code);
      assert.notEqual(remedy, '', code);
    }
  });

  test('every code is raised somewhere', () => {
    const files = readdirSync(join(CHECKOUT, 'src'), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.ts') && path !== 'model/errors.ts')
      .map((path) => join('src', path));
    // A line that tells codes apart does not raise them.
    const source = [...files, 'device/nic/nic.ts']
      .flatMap((path) => readFileSync(join(CHECKOUT, path), 'utf8').split('\n'))
      .filter((line) => !line.trimStart().startsWith("case '"))
      .join('\n');
    /** Classes that know their code by themselves. */
    const byClass: Readonly<Record<string, string>> = {
      'config.invalid': 'new ConfigError(',
      'protocol.malformed': 'new ProtocolError(',
      canceled: 'new CanceledError(',
      invariant: 'new InvariantError(',
    };
    const silent = codes.filter((code) => !source.includes(byClass[code] ?? `'${code}'`));
    assert.deepEqual(silent, []);
  });
});

function exitOf(code: string): number {
  if (code.startsWith('usage.')) return EXIT.usage;
  if (code.startsWith('permission.') || code.startsWith('access.')) return EXIT.permission;
  return code.startsWith('config.') ? EXIT.config : EXIT.unknown;
}
