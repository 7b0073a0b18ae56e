// What a person may type, and what is said to the rest.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { parseTarget } from '../../../src/box/parse-target.js';
import { parseByteCount, parseList, parseVia, parseWholeNumber } from '../../../src/cli/arguments.js';
import { UsageError } from '../../../src/model/errors.js';

const refuses = (parse: () => unknown, message: RegExp): void =>
  assert.throws(
    parse,
    (error) => error instanceof UsageError && message.test(error.message) && !error.message.includes('\n'),
  );

describe('targets', () => {
  const GOOD = [
    ['192.0.2.1', '192.0.2.1'],
    ['[192.0.2.1]', '192.0.2.1'],
    ['example.org', 'example.org'],
    ['example.org.', 'example.org'],
    ['plc_7', 'plc_7'],
    ['Bücher.example', 'xn--bcher-kva.example'],
    ['2001:db8::1', '2001:db8::1'],
    ['[2001:db8::1]', '2001:db8::1'],
    ['fe80::1%eth0', 'fe80::1%eth0'],
    ['::ffff:192.0.2.1', '::ffff:192.0.2.1'],
  ] as const;
  for (const [text, target] of GOOD) test(text, () => assert.equal(parseTarget(text), target));

  const BAD = [
    ['', /no target given/],
    ['   ', /no target given/],
    ['a b', /has a space/],
    ['https://example.org/x?y', /URL: give only its host, example\.org$/],
    ['http://[2001:db8::1]:80/', /give only its host, 2001:db8::1$/],
    ['10.0.0.0/24', /a network/],
    ['1.2.3', /four numbers/],
    ['300.1.1.1', /four numbers/],
    ['example.org:80', /names a port number: give only the host, example\.org$/],
    ['[2001:db8::1]:80', /names a port number/],
    ['2001:db8:::1', /no IPv6 address/],
    ['fe80::1%', /no IPv6 address/],
    ['192.0.2.1%eth0', /no IPv6 address/],
    ['-x', /neither an address nor a host name/],
    ['a..b', /neither an address nor a host name/],
    [`${'a'.repeat(64)}.example`, /neither an address nor a host name/],
  ] as const;
  for (const [text, message] of BAD) test(JSON.stringify(text), () => refuses(() => parseTarget(text), message));

  test('anything at all is a target or a usage error', () => {
    const text = fc.oneof(
      fc.string(),
      fc.string({ unit: 'binary' }),
      fc.webUrl(),
      fc.ipV6(),
      fc.ipV4Extended(),
      fc.domain(),
    );
    fc.assert(
      fc.property(text, (typed) => {
        try {
          return !/\s/.test(parseTarget(typed));
        } catch (error) {
          return error instanceof UsageError;
        }
      }),
      { numRuns: 2000 },
    );
  });
});

test('bytes with decimal units', () => {
  const GOOD = [
    ['1000', 1_000],
    ['500k', 500_000],
    ['1.5M', 1_500_000],
    ['5MB', 5_000_000],
    ['5 m', 5_000_000],
    ['1000M', 1_000_000_000],
  ] as const;
  for (const [text, bytes] of GOOD) assert.equal(parseByteCount('--max-bytes', text), bytes);
  for (const text of ['', '999', '0', '-5M', '5G', '1e6', '5MiB', '1001M', 'M', '5k5']) {
    refuses(() => parseByteCount('--max-bytes', text), /^--max-bytes cannot be/);
  }
});

test('whole numbers in a range', () => {
  const seconds = (text: string): number => parseWholeNumber('--max-seconds', { low: 1, high: 3600 }, text);
  assert.deepEqual([seconds('1'), seconds('3600')], [1, 3600]);
  for (const text of ['', '0', '3601', '-1', '1.5', '1e3', '0x10', ' 5', '99999999999999999999']) {
    refuses(() => seconds(text), /whole number from 1 to 3600/);
  }
});

test('choices name what there is', () => {
  assert.equal(parseVia('stamp'), 'stamp');
  refuses(() => parseVia('ping'), /choose one of auto, tps, stamp, icmp, udp, tcp/);
  assert.deepEqual(parseList('--only', ['tps', 'as', 'ui'], 'as,ui'), ['as', 'ui']);
  refuses(() => parseList('--only', ['tps', 'as', 'ui'], 'as,,ui'), /--only cannot be ""/);
});
