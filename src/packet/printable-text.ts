// Names out of packets, made safe to print: what a device calls itself must not move a terminal's cursor.

/** Characters of a name; longer ones are cut. */
const MOST_CHARACTERS = 255;

/** UTF-8 without control characters and outer white space; octets that are none become U+FFFD. null where nothing is left. */
export function decodePrintable(bytes: Uint8Array): string | null {
  const text = new TextDecoder()
    .decode(bytes)
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim()
    .slice(0, MOST_CHARACTERS);
  return text === '' ? null : text;
}
