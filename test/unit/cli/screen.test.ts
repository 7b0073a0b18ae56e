// Colour wishes, lines and progress: everything between a text and the screen it is shown on.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { chooseInk, PLAIN } from '../../../src/cli/ink.js';
import { alignRows, joinAtEdges, wrapText } from '../../../src/cli/layout.js';
import { composeProgress, ProgressLine } from '../../../src/cli/progress.js';

test('colour follows FORCE_COLOR, then NO_COLOR, then the stream', () => {
  const CASES = [
    [{}, true, true],
    [{}, false, false],
    [{ NO_COLOR: '1' }, true, false],
    [{ NO_COLOR: '' }, true, true],
    [{ FORCE_COLOR: '1' }, false, true],
    [{ FORCE_COLOR: '1', NO_COLOR: '1' }, false, true],
    [{ FORCE_COLOR: '0' }, true, false],
    [{ FORCE_COLOR: '' }, true, true],
    [{ TERM: 'dumb' }, true, false],
  ] as const;
  for (const [wishes, isTty, coloured] of CASES) {
    const painted = chooseInk(wishes, isTty)('bad', 'word') !== 'word';
    assert.equal(painted, coloured, JSON.stringify(wishes));
  }
});

describe('wrapping', () => {
  test('hangs under its first word and keeps numbers with their units', () => {
    assert.deepEqual(wrapText('at a rate of 100 Mb/s, so 2.8 % are lost', 'why  ', 24), [
      'why  at a rate of',
      '     100 Mb/s, so 2.8 %',
      '     are lost',
    ]);
  });

  test('drops the spaces between columns where a line breaks', () => {
    assert.deepEqual(wrapText('median 28.3 µs  p99 92.5 µs  max 97.4 µs', '', 28), [
      'median 28.3 µs  p99 92.5 µs',
      'max 97.4 µs',
    ]);
  });

  test('loses no word, and exceeds the width only by a word that is too long', () => {
    const words = fc.array(fc.stringMatching(/^[a-z0-9]{1,12}$/), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(words, fc.integer({ min: 20, max: 80 }), (list, columns) => {
        const lines = wrapText(list.join(' '), '  ', columns);
        assert.deepEqual(
          lines
            .join(' ')
            .split(/\s+/)
            .filter((word) => word !== ''),
          list,
        );
        for (const line of lines) assert.ok(line.length <= columns, line);
      }),
    );
  });
});

test('the right text goes to the right edge, or below', () => {
  assert.deepEqual(joinAtEdges('left', 'right', 12), ['left   right']);
  assert.deepEqual(joinAtEdges('left', 'right', 10), ['left', '  right']);
  assert.deepEqual(joinAtEdges('left', '', 10), ['left']);
});

test('columns line up; a last cell does not widen its column', () => {
  assert.deepEqual(
    alignRows([
      ['a', 'long last cell'],
      ['bbb', 'c', 'd'],
    ]),
    ['a    long last cell', 'bbb  c  d'],
  );
});

describe('progress', () => {
  const BUDGET = { maxBytes: 5_000_000, maxSeconds: 15 };

  test('says what is done, what is at work, and what it costs', () => {
    const state = {
      done: ['reach', 'delay', 'delay'],
      phase: 'capacity',
      waiting: '',
      sentShare: 0.5,
      spentBytes: 1_900_000,
      elapsedSeconds: 6.7,
    };
    assert.equal(
      composeProgress(state, BUDGET),
      'reach ✔   delay ✔   capacity ▕███████░░░░░░▏ 50 %   1.9 MB of 5 MB, 6 s of 15 s',
    );
  });

  test('says whom it waits for, until its own packets go on', () => {
    let written = '';
    const channel = { write: (text: string) => void (written += text), isTty: true, columns: 100, ink: PLAIN };
    const line = new ProgressLine(channel, BUDGET);
    line.show({ kind: 'waiting', ahead: 1, behind: '192.0.2.9' });
    line.show({ kind: 'progress', phase: 'delay', sent: 1, total: 2 });
    line.show({ kind: 'waiting', ahead: 2, behind: '192.0.2.9' });
    line.show({ kind: 'waiting', ahead: 1, behind: null });
    line.show({ kind: 'progress', phase: 'delay', sent: 2, total: 2 });
    line.close();
    assert.deepEqual(
      written.split('\r\u001b[2K').map((shown) => shown.split('   ')[0]),
      [
        '',
        'waits for its turn behind a run to 192.0.2.9',
        'delay ▕███████░░░░░░▏ 50 %',
        'delay waits for its turn behind a run to 192.0.2.9 and 1 more',
        'delay waits for its turn behind 1 other',
        'delay ▕█████████████▏ 100 %',
        '',
      ],
    );
  });

  test('learns the phases from their progress alone, and says no bytes where nobody counts them', () => {
    let written = '';
    const channel = { write: (text: string) => void (written += text), isTty: true, columns: 80, ink: PLAIN };
    const line = new ProgressLine(channel, { maxSeconds: 15 });
    line.show({ kind: 'progress', phase: 'reach', sent: 6, total: 6 });
    line.show({ kind: 'progress', phase: 'delay', sent: 1, total: 2 });
    line.say('page http://127.0.0.1:3239');
    line.close();
    const shown = written.split('\r\u001b[2K');
    assert.deepEqual(shown.slice(-3), [
      'reach ✔   delay ▕███████░░░░░░▏ 50 %   0 s of 15 s',
      'page http://127.0.0.1:3239\n',
      '',
    ]);
  });

  test('draws on a terminal and leaves nothing behind; elsewhere it is silent', () => {
    for (const isTty of [true, false]) {
      let written = '';
      const line = new ProgressLine({ write: (text) => (written += text), isTty, columns: 80, ink: PLAIN }, BUDGET);
      line.show({ kind: 'traced', phase: 'reach', cost: { packets: 1, bytes: 42 } });
      line.close();
      assert.equal(written.includes('42 B of 5 MB'), isTty);
      assert.ok(isTty ? written.endsWith('\r\u001b[2K') : written === '');
    }
  });
});
