// Records in a file, each with a checksum and a number. A frame is a gzip member (RFC 1952) whose extra field tells its length, as BGZF
// has it (SAM specification, section 4.1): `zcat` reads the file, and behind a damaged frame the next one is found.
//
//  0      2    3      4        8    9    10      12    14     16           20            26             28
// +------+----+------+--------+----+----+-------+-----+------+------------+-------------+--------------+---------+-------+-------+
// | 1f8b | 08 | 06   | 0      | 0  | ff | 16    | AN  | 12   | u32 length | u48 number  | u16 reserved | u16 CRC | deflate       |
// | magic| CM | FLG  | MTIME  | XFL| OS | XLEN  | SI  | SLEN | all octets | of sequence | 0            | 16 of header | CRC32 ISIZE
// +------+----+------+--------+----+----+-------+-----+------+------------+-------------+--------------+---------+-------+-------+
import { gunzipSync, gzipSync } from 'node:zlib';
import { InvariantError } from '../model/errors.js';

const PLAIN_HEADER_BYTES = 10;
export const FRAME_HEADER_BYTES = 30;
const LENGTH_AT = 16;
const NUMBER_AT = 20;
const NUMBER_BYTES = 6;
const HEADER_CRC_AT = 28;
const TRAILER_BYTES = 8;
/** FLG: FEXTRA and FHCRC. */
const MARK = Buffer.from([0x1f, 0x8b, 0x08, 0x06, 0, 0, 0, 0, 0, 0xff, 16, 0, 0x41, 0x4e, 12, 0]);
/** No frame of ours comes near; a damaged length must not ask for all memory. */
const MOST_TEXT_BYTES = 256 * 2 ** 20;

export interface Frame {
  /** What the writer counts: records of the journal, blocks of a segment. */
  readonly number: number;
  readonly text: string;
  /** Where it begins and ends in the bytes that were parsed. */
  readonly at: number;
  readonly end: number;
}

export interface ParsedFrames {
  readonly frames: readonly Frame[];
  /** Stretches that are neither frames nor zeros. */
  readonly damaged: readonly { readonly at: number; readonly end: number }[];
}

/** Bit by bit, of a header only: node:zlib's own function is younger than Node 20.0. */
function computeCrc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const octet of bytes) {
    crc ^= octet;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

/** `number` is whole, 0 … 2^48 − 1. */
export function encodeFrame(number: number, text: string): Uint8Array {
  const body = gzipSync(text, { level: 9 }).subarray(PLAIN_HEADER_BYTES);
  const frame = Buffer.alloc(FRAME_HEADER_BYTES + body.length);
  MARK.copy(frame);
  frame.writeUInt32LE(frame.length, LENGTH_AT);
  frame.writeUIntLE(number, NUMBER_AT, NUMBER_BYTES);
  frame.writeUInt16LE(computeCrc32(frame.subarray(0, HEADER_CRC_AT)) & 0xffff, HEADER_CRC_AT);
  frame.set(body, FRAME_HEADER_BYTES);
  return frame;
}

/** Length and number of the frame that begins here, from its first FRAME_HEADER_BYTES; null where none does. */
export function parseFrameHeader(
  bytes: Uint8Array,
  at: number,
): { readonly lengthBytes: number; readonly number: number } | null {
  const header = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).subarray(at, at + FRAME_HEADER_BYTES);
  if (header.length < FRAME_HEADER_BYTES || !header.subarray(0, MARK.length).equals(MARK)) return null;
  const crc = computeCrc32(header.subarray(0, HEADER_CRC_AT)) & 0xffff;
  if (header.readUInt16LE(HEADER_CRC_AT) !== crc) return null;
  const lengthBytes = header.readUInt32LE(LENGTH_AT);
  return lengthBytes < FRAME_HEADER_BYTES + TRAILER_BYTES
    ? null
    : { lengthBytes, number: header.readUIntLE(NUMBER_AT, NUMBER_BYTES) };
}

/** The frame that begins at `at`; null where none does or it is damaged. */
export function parseFrame(bytes: Uint8Array, at: number): Frame | null {
  const header = parseFrameHeader(bytes, at);
  if (header === null || at + header.lengthBytes > bytes.length) return null;
  const end = at + header.lengthBytes;
  try {
    const text = gunzipSync(bytes.subarray(at, end), { maxOutputLength: MOST_TEXT_BYTES }).toString('utf8');
    return { number: header.number, text, at, end };
  } catch {
    return null;
  }
}

/** All frames that are whole, wherever they are. Ends because each step goes on by at least one octet. */
export function parseFrames(bytes: Uint8Array): ParsedFrames {
  const frames: Frame[] = [];
  const damaged: { at: number; end: number }[] = [];
  let at = 0;
  while (at < bytes.length) {
    const frame = parseFrame(bytes, at);
    const next = frame === null ? findNextMark(bytes, at) : frame.end;
    if (frame !== null) frames.push(frame);
    else if (!isZero(bytes, at, next)) damaged.push({ at, end: next });
    if (next <= at) throw new InvariantError('frames are parsed in a circle');
    at = next;
  }
  return { frames, damaged };
}

/** After `at`; the end of the bytes where there is no other. */
function findNextMark(bytes: Uint8Array, at: number): number {
  const found = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).indexOf(MARK, at + 1);
  return found < 0 ? bytes.length : found;
}

function isZero(bytes: Uint8Array, from: number, to: number): boolean {
  for (let i = from; i < to; i += 1) if (bytes[i] !== 0) return false;
  return true;
}
