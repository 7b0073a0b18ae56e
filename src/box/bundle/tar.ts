// An archive of small files in the format that every tar reads (POSIX.1-1988, ustar). Pure.
//
//   0     100   108   116   124    136    148       156   157    257     263   265                    345    500
//   | name | mode | uid | gid | size | time | checksum | type | link   | ustar | 00 | owner, group, … | prefix |
//
// Numbers are octal digits and a NUL; the checksum is the sum of the header's octets, with blanks in its own place.

export interface ArchivedFile {
  /** 1 to 100 octets of ASCII. */
  readonly name: string;
  readonly bytes: Buffer;
}

const BLOCK = 512;
const PLAIN_FILE = '0';

/** All of them with one time of change, Unix ms, and readable by their owner alone. */
export function encodeTar(files: readonly ArchivedFile[], atMs: number): Buffer {
  const blocks = files.flatMap(({ name, bytes }) => [
    encodeHeader(name, bytes.length, atMs),
    bytes,
    Buffer.alloc((BLOCK - (bytes.length % BLOCK)) % BLOCK),
  ]);
  return Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK)]);
}

function encodeHeader(name: string, sizeBytes: number, atMs: number): Buffer {
  const header = Buffer.alloc(BLOCK);
  const octal = (value: number, digits: number): string => `${value.toString(8).padStart(digits, '0')}\0`;
  header.write(name, 0, 100, 'ascii');
  header.write(octal(0o600, 7), 100);
  header.write(octal(0, 7), 108);
  header.write(octal(0, 7), 116);
  header.write(octal(sizeBytes, 11), 124);
  header.write(octal(Math.floor(atMs / 1000), 11), 136);
  header.write(' '.repeat(8), 148);
  header.write(PLAIN_FILE, 156);
  header.write('ustar\0', 257);
  header.write('00', 263);
  const sum = header.reduce((total, octet) => total + octet, 0);
  header.write(`${octal(sum, 6)} `, 148);
  return header;
}
