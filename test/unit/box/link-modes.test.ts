// Link mode bits against the kernel's own header, where it is installed, and against maps written by hand.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { decodeLinkModes, decodeSpeed } from '../../../src/box/link-modes.js';

const HEADER = '/usr/include/linux/ethtool.h';
/** 10baseT1BRR_Full of Linux 6.9; what a later kernel adds is no defect of ours. */
const LAST_KNOWN_BIT = 102;

const wordsOf = (...bits: number[]): Uint32Array => {
  const words = new Uint32Array(4);
  for (const bit of bits) words[bit >>> 5] = (words[bit >>> 5] ?? 0) | (1 << (bit & 31));
  return words;
};

test('an ordinary gigabit port', () => {
  const modes = decodeLinkModes(wordsOf(0, 1, 2, 3, 5, 6, 7, 13));
  assert.deepEqual(
    modes.map(({ speedBitsPerSec, duplex }) => `${speedBitsPerSec / 1e6} ${duplex}`),
    ['10 half', '10 full', '100 half', '100 full', '1000 full'],
  );
});

test('an empty map and a short one hold no modes', () => {
  assert.deepEqual(decodeLinkModes(new Uint32Array(0)), []);
  assert.deepEqual(decodeLinkModes(wordsOf(6, 7, 13, 49)), []);
});

const skip = existsSync(HEADER) ? false : `needs ${HEADER} (linux-libc-dev)`;

test(
  'every mode of the kernel header up to 100 Gb/s decodes to its speed and duplex, and nothing else does',
  { skip },
  () => {
    const rows = [...readFileSync(HEADER, 'utf8').matchAll(/ETHTOOL_LINK_MODE_(\w+)_BIT\s*=\s*(\d+)/g)];
    assert.ok(rows.length > 80, `only ${rows.length} link modes in the header`);
    for (const [, name = '', bit = ''] of rows) {
      if (Number(bit) > LAST_KNOWN_BIT) continue;
      const [, mbps, duplex] = /^(\d+)base\w*_(Half|Full|FEC)$/.exec(name) ?? [];
      const speed = Number(mbps ?? 0);
      const known = speed > 0 && speed <= 100_000 && speed !== 20_000 && speed !== 56_000;
      const expected = known ? [{ speedBitsPerSec: speed * 1e6, duplex: duplex === 'Half' ? 'half' : 'full' }] : [];
      assert.deepEqual(decodeLinkModes(wordsOf(Number(bit))), expected, name);
    }
  },
);

test('speeds that the kernel gives for "unknown" are null', () => {
  for (const unknown of [null, -1, 0, 0xffff_ffff]) assert.equal(decodeSpeed(unknown), null);
  assert.equal(decodeSpeed(2500), 2.5e9);
});
