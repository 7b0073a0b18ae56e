// Sequences from outside: what is right comes through unchanged, what is wrong is refused by the name of its field.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ProtocolError } from '../../../src/model/errors.js';
import { checkPattern } from '../../../src/sequencer/patterns/fields.js';
import { parseSequence } from '../../../src/sequencer/parse-sequence.js';
import { arbitraryPattern, HOSTILE_VALUES, sequenceOf, SMALL_VALUES } from './sequence-arbitrary.js';

const GOOD = sequenceOf({ kind: 'isochronous', count: 10, intervalNs: 1000, sizeBytes: 86 });

test('every valid sequence survives JSON and the schema unchanged', () => {
  fc.assert(
    fc.property(arbitraryPattern(SMALL_VALUES), (pattern) => {
      const sequence = sequenceOf(pattern);
      const text = JSON.stringify(sequence);
      assert.deepEqual(parseSequence(JSON.parse(text)), JSON.parse(text));
    }),
  );
});

test('the schema and the check of patterns made here agree', () => {
  const outcomes = { accepted: 0, refused: 0 };
  const accepts = (check: () => unknown): boolean => {
    try {
      check();
      return true;
    } catch {
      return false;
    }
  };
  fc.assert(
    fc.property(arbitraryPattern(HOSTILE_VALUES), (pattern) => {
      const byCheck = accepts(() => checkPattern(pattern));
      assert.equal(
        accepts(() => parseSequence(sequenceOf(pattern))),
        byCheck,
      );
      outcomes[byCheck ? 'accepted' : 'refused'] += 1;
    }),
    { numRuns: 2_000 },
  );
  assert.ok(outcomes.accepted > 50 && outcomes.refused > 50, JSON.stringify(outcomes));
});

test('the message names the field', () => {
  const refused = (change: object, message: RegExp): void => {
    assert.throws(
      () => parseSequence({ ...GOOD, ...change }),
      (error) => error instanceof ProtocolError && message.test(error.message),
      `${JSON.stringify(change)} should fail with ${message.source}`,
    );
  };
  refused({ id: 'Reach!' }, /^sequence\.id must match pattern/);
  refused({ id: 'a'.repeat(33) }, /\.id /);
  refused({ dscp: 64 }, /\.dscp must be <= 63/);
  refused({ dscp: 1.5 }, /\.dscp must be integer/);
  refused({ dontFragment: 1 }, /\.dontFragment must be boolean/);
  refused({ lingerNs: 600_000_000_001 }, /\.lingerNs must be <= 600000000000/);
  refused({ colour: 'red' }, /unknown field "colour"/);
  refused({ pattern: null }, /\.pattern must be object/);
  refused({ pattern: { kind: 'flood' } }, /\.pattern\.kind must be one of single, isochronous/);
  refused({ pattern: {} }, /\.pattern/);
  refused({ pattern: { ...GOOD.pattern, count: 1e9 } }, /\.pattern\.count must be <= 1000000/);
  refused({ pattern: { ...GOOD.pattern, sizeBytes: 70_000 } }, /\.pattern\.sizeBytes must be <= 65535/);
  refused({ pattern: { ...GOOD.pattern, intervalNs: '5' } }, /\.pattern\.intervalNs must be number/);
  refused({ pattern: { ...GOOD.pattern, seed: 1 } }, /\.pattern has an unknown field "seed"/);
  refused({ pattern: { kind: 'single' } }, /\.pattern must have required property 'sizeBytes'/);
  refused(
    { pattern: { kind: 'mixed-burst', bursts: 1, spacingNs: 0, sizesBytes: [60, 5] } },
    /\.pattern\.sizesBytes\.1 must be >= 20/,
  );
});

test('hostile JSON of any shape never throws anything but ProtocolError', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.jsonValue(),
        fc.jsonValue().map((pattern) => ({ ...GOOD, pattern })),
      ),
      (value) => {
        try {
          parseSequence(value);
        } catch (error) {
          assert.ok(error instanceof ProtocolError, String(error));
        }
      },
    ),
  );
});
