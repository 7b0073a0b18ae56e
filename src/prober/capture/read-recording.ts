// A recording on disk -> its packets with their instants. Refuses what is no recording, and says what could not be read.
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { ProtocolError, UsageError } from '../../model/errors.js';
import { parseCapturedPacket } from '../../packet/captured-packet.js';
import type { CapturedPacket } from '../../packet/captured-packet.js';
import { locateIpPacket } from '../../packet/link-header.js';
import type { LinkType } from '../../packet/link-header.js';
import { parseRecordingFormat } from '../../packet/pcap-file.js';
import type { RecordingFormat } from '../../packet/pcap-file.js';
import { readFrames } from './pcap-package.js';

export interface TimedPacket {
  /** ns after `Recording.baseNs`. */
  readonly atNs: number;
  readonly packet: CapturedPacket;
}

export interface Recording {
  /** Name of the file without its folder. */
  readonly name: string;
  /** Wall clock of the first packet, ns since 1970. */
  readonly baseNs: bigint;
  /** By their instants. */
  readonly packets: readonly TimedPacket[];
  /** What could not be read, one sentence each. */
  readonly notes: readonly string[];
}

/** RFC 1952 2.3.1. */
const GZIP = [0x1f, 0x8b];
/** As many packets as fit into memory with ease. */
const MOST_PACKETS = 1_000_000;
/** Offsets beyond are not exact as doubles, and no recording lasts 104 days. */
const LONGEST_NS = BigInt(Number.MAX_SAFE_INTEGER);

/** @throws UsageError naming what is wrong with the file; DeviceError `device.package` without the package pcap. */
export async function readRecording(path: string): Promise<Recording> {
  const format = readFormat(path);
  const gathered = new PacketGatherer();
  const { reason } = await readFrames(path, (frame, linkType) => gathered.take(frame.bytes, frame.wallNs, linkType));
  const { packets, baseNs } = gathered;
  const damage = reason === 'damaged' ? ', and the file is damaged or cut off' : '';
  if (gathered.frames === 0) throw refuse(path, `it holds no packet${damage}`);
  if (packets.length === 0)
    throw refuse(path, `none of its ${gathered.frames} frames is a readable IP packet${damage}`);
  packets.sort((a, b) => a.atNs - b.atNs);
  const earliest = packets[0]?.atNs ?? 0;
  return {
    name: basename(path),
    baseNs: baseNs + BigInt(earliest),
    packets: packets.map(({ atNs, packet }) => ({ atNs: atNs - earliest, packet })),
    notes: [...describeFormat(format), ...gathered.describeGaps(reason)],
  };
}

/** Looks at a frame at a time and keeps what is IP. */
class PacketGatherer {
  readonly packets: TimedPacket[] = [];
  frames = 0;
  baseNs = 0n;
  #unreadable = 0;
  #misdated = 0;

  /** False when enough were taken. */
  take(bytes: Uint8Array, wallNs: bigint, linkType: LinkType): boolean {
    if (this.packets.length >= MOST_PACKETS) return false;
    this.frames += 1;
    const packet = this.#parse(bytes, linkType);
    if (packet === null) return true;
    if (this.packets.length === 0) this.baseNs = wallNs;
    const distanceNs = wallNs - this.baseNs;
    if (distanceNs > LONGEST_NS || distanceNs < -LONGEST_NS) this.#misdated += 1;
    else this.packets.push({ atNs: Number(distanceNs), packet });
    return true;
  }

  describeGaps(reason: 'complete' | 'damaged' | 'stopped'): string[] {
    const notes: string[] = [];
    if (reason === 'damaged') notes.push(`The recording is damaged or cut off after ${this.frames} frames`);
    if (reason === 'stopped') notes.push(`Only the first ${MOST_PACKETS} packets of the recording were looked at`);
    if (this.#unreadable > 0)
      notes.push(`Frames of the recording that are cut too short or malformed: ${this.#unreadable}`);
    if (this.#misdated > 0)
      notes.push(`Packets whose stamps lie months from the first one, left out: ${this.#misdated}`);
    return notes;
  }

  #parse(bytes: Uint8Array, linkType: LinkType): CapturedPacket | null {
    try {
      const at = locateIpPacket(bytes, linkType);
      return at < 0 ? null : parseCapturedPacket(bytes, at);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#unreadable += 1;
      return null;
    }
  }
}

function describeFormat(format: RecordingFormat): string[] {
  const resolution = 'Stamps of the recording are read in whole microseconds';
  return [format === 'microseconds' ? resolution : `${resolution}, whatever more the file holds`];
}

function readFormat(path: string): RecordingFormat {
  const start = readStart(path);
  if (start.length === 0) throw refuse(path, 'it is empty');
  const format = parseRecordingFormat(start);
  if (format === null && GZIP.every((octet, at) => start[at] === octet))
    throw refuse(path, 'it is compressed: unpack it first, with gunzip');
  if (format === null) throw refuse(path, 'it is no recording: give a file as tcpdump -w writes it (pcap or pcapng)');
  return format;
}

function readStart(path: string): Uint8Array {
  try {
    if (!statSync(path).isFile()) throw refuse(path, 'it is no file');
    const file = openSync(path, 'r');
    try {
      const start = new Uint8Array(4);
      return start.subarray(0, readSync(file, start));
    } finally {
      closeSync(file);
    }
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw refuse(path, describeErrno(error), error);
  }
}

function describeErrno(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
  const words: Readonly<Record<string, string>> = {
    ENOENT: 'there is no such file',
    EACCES: 'this user may not read it',
  };
  return words[code] ?? code;
}

function refuse(path: string, why: string, cause?: unknown): UsageError {
  return new UsageError('usage.argument', `${path} cannot be analysed: ${why}`, { cause });
}
