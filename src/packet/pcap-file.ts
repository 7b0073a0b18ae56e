// The file format of recordings, as far as we write it and look at it ourselves (draft-ietf-opsawg-pcap): the nanosecond variant,
// big-endian. Whole files are read by libpcap.
//
//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +---------------------------------------------------------------+
// |                    magic number 0xa1b23c4d                    |  0
// |        version 2              |             4                 |  4
// |                               0                               |  8
// |                               0                               | 12
// |                          snap length                          | 16
// |                           link type                           | 20
// +---------------------------------------------------------------+
// |                       seconds since 1970                      |  0  each packet
// |                          nanoseconds                          |  4
// |                         bytes that follow                     |  8
// |                       bytes of the packet                     | 12
// +---------------------------------------------------------------+
import { putUint16, putUint32, requireRange, uint32At } from './octets.js';

const PCAP_FILE_HEADER_BYTES = 24;
const PCAP_RECORD_HEADER_BYTES = 16;
/** More than any frame we send or keep. */
const SNAP_BYTES = 65_535;
const LINK_TYPE_NUMBER = { ethernet: 1, raw: 101 } as const;
export type WrittenLinkType = keyof typeof LINK_TYPE_NUMBER;

const NS_PER_SEC = 1_000_000_000n;
const MICROSECOND_MAGIC = 0xa1b2_c3d4;
const NANOSECOND_MAGIC = 0xa1b2_3c4d;
/** Block type of a pcapng section header, the same in both byte orders. */
const PCAPNG_MAGIC = 0x0a0d_0d0a;

/** What the first octets of a file say of its format: pcap by the resolution of its stamps; null for no recording at all. */
export type RecordingFormat = 'microseconds' | 'nanoseconds' | 'pcapng';

export function parseRecordingFormat(bytes: Uint8Array): RecordingFormat | null {
  if (bytes.length < 4) return null;
  const magic = uint32At(bytes, 0);
  const swapped = uint32At(Uint8Array.from(bytes.subarray(0, 4)).reverse(), 0);
  if (magic === PCAPNG_MAGIC) return 'pcapng';
  if (magic === MICROSECOND_MAGIC || swapped === MICROSECOND_MAGIC) return 'microseconds';
  return magic === NANOSECOND_MAGIC || swapped === NANOSECOND_MAGIC ? 'nanoseconds' : null;
}

export function encodePcapFileHeader(linkType: WrittenLinkType): Uint8Array {
  const header = new Uint8Array(PCAP_FILE_HEADER_BYTES);
  putUint32(header, 0, NANOSECOND_MAGIC);
  putUint16(header, 4, 2);
  putUint16(header, 6, 4);
  putUint32(header, 16, SNAP_BYTES);
  putUint32(header, 20, LINK_TYPE_NUMBER[linkType]);
  return header;
}

/** `wireBytes` may exceed the bytes kept. @throws InvariantError for more than was announced, or a time before 1970 or after 2106. */
export function encodePcapRecord(wallNs: bigint, kept: Uint8Array, wireBytes: number): Uint8Array {
  requireRange(kept.length, SNAP_BYTES, 'bytes of a recorded packet');
  requireRange(wireBytes, 0xffff_ffff, 'length of a recorded packet');
  requireRange(Number(wallNs / NS_PER_SEC), 0xffff_ffff, 'seconds of a recorded packet');
  const record = new Uint8Array(PCAP_RECORD_HEADER_BYTES + kept.length);
  putUint32(record, 0, Number(wallNs / NS_PER_SEC));
  putUint32(record, 4, Number(wallNs % NS_PER_SEC));
  putUint32(record, 8, kept.length);
  putUint32(record, 12, wireBytes);
  record.set(kept, PCAP_RECORD_HEADER_BYTES);
  return record;
}
