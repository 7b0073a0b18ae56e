// The file of --save-capture: in order whatever the order of runs, never over another file, whole records on a full disk.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { UsageError } from '../../../../src/model/errors.js';
import { uint32At } from '../../../../src/packet/octets.js';
import { CaptureFile, type FrameToRecord } from '../../../../src/prober/capture/capture-file.js';
import { readRecording } from '../../../../src/prober/capture/read-recording.js';
import { encodeEcho, pcapSkip } from './recording.js';

const BASE_NS = 1_800_000_000_000_000_000n;
const frame = (atNs: number, wireBytes = 84): FrameToRecord => ({
  wallNs: BASE_NS + BigInt(atNs),
  bytes: encodeEcho({ sequence: atNs & 0xfff, isReply: false }),
  wireBytes,
});

describe('capture file', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'capture-'));
  });
  after(() => rmSync(folder, { recursive: true }));

  test('frames of runs that overlap stand in the order of their instants, with nanoseconds and their whole length', () => {
    const path = join(folder, 'order.pcap');
    const file = CaptureFile.open(path);
    file.record([frame(30), frame(10)], 'raw');
    file.record([frame(20, 1500)], 'raw');
    file.record([frame(1_000_000_007)], 'raw');
    file.close();
    const bytes = readFileSync(path);
    assert.equal(uint32At(bytes, 0), 0xa1b2_3c4d);
    assert.equal(uint32At(bytes, 20), 101);
    const records = [0, 1, 2, 3].map((i) => 24 + i * (16 + 84));
    assert.deepEqual(
      records.map((at) => uint32At(bytes, at + 4)),
      [10, 20, 30, 7],
    );
    assert.deepEqual(
      records.map((at) => uint32At(bytes, at + 12)),
      [84, 1500, 84, 84],
    );
    assert.equal(bytes.length, 24 + 4 * (16 + 84));
  });

  test('what was written is read again', { skip: pcapSkip }, async () => {
    const path = join(folder, 'again.pcap');
    const file = CaptureFile.open(path);
    file.record([frame(2_500), frame(9_999_000)], 'raw');
    file.close();
    const { packets, notes } = await readRecording(path);
    assert.deepEqual(
      packets.map(({ atNs }) => atNs),
      [0, 9_997_000],
    );
    assert.match(notes.join(), /whole microseconds, whatever more the file holds/);
  });

  test('a file that is there stays as it is', () => {
    const path = join(folder, 'order.pcap');
    const { size } = statSync(path);
    assert.throws(
      () => CaptureFile.open(path),
      (error) => error instanceof UsageError && /name another/.test(error.message),
    );
    assert.equal(statSync(path).size, size);
  });

  test('a folder that is not there is told before anything is sent', () => {
    assert.throws(() => CaptureFile.open(join(folder, 'none', 'x.pcap')), UsageError);
  });

  test('nothing is left of a file without frames', () => {
    const path = join(folder, 'empty.pcap');
    CaptureFile.open(path).close();
    assert.equal(existsSync(path), false);
  });
});
