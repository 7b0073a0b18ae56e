// The npm package pcap behind an interface of ours: the frames of a recording, one after the other. It reads what libpcap reads, in
// one go, and gives stamps in whole microseconds, whatever the file holds.
import { createRequire } from 'node:module';
import { DeviceError, UsageError } from '../../model/errors.js';
import type { LinkType } from '../../packet/link-header.js';

/** What we use of the package; its own types are those of an old Node.js. */
interface PackageSession {
  /** `LINKTYPE_…`, or "Unknown linktype N" with libpcap's number. */
  readonly link_type: string;
  /** Its handle on libpcap; `dispatch` gives −1 for a damaged file, which the package itself does not tell. */
  readonly session: { dispatch: (frame: Buffer, header: Buffer) => number };
  on(event: 'packet', listen: (packet: { readonly buf: Buffer; readonly header: Buffer }) => void): void;
  on(event: 'complete', listen: () => void): void;
  close(): void;
}
interface PcapPackage {
  readonly createOfflineSession: (path: string) => PackageSession;
}

export interface RecordedFrame {
  /** Valid until the next frame. */
  readonly bytes: Uint8Array;
  readonly wallNs: bigint;
}

export interface RecordingEnd {
  /** `damaged`: cut off or unreadable behind the last frame; `stopped`: as many frames as were wanted. */
  readonly reason: 'complete' | 'damaged' | 'stopped';
}

/** By LINKTYPE name of the package, and by libpcap's number where it has none. */
const LINK_TYPES: Readonly<Record<string, LinkType>> = {
  LINKTYPE_NULL: 'null',
  LINKTYPE_ETHERNET: 'ethernet',
  LINKTYPE_RAW: 'raw',
  LINKTYPE_LINUX_SLL: 'linux-sll',
  'Unknown linktype 108': 'null',
  'Unknown linktype 228': 'raw',
  'Unknown linktype 229': 'raw',
  'Unknown linktype 276': 'linux-sll2',
};
const NS_PER_US = 1_000n;
const NS_PER_SEC = 1_000_000_000n;

/**
 * `onFrame` must not throw; it ends the reading by giving false.
 * @throws DeviceError `device.package` without the package; UsageError for a file that libpcap refuses or a link type without IP.
 */
export function readFrames(
  path: string,
  onFrame: (frame: RecordedFrame, linkType: LinkType) => boolean,
): Promise<RecordingEnd> {
  const session = openSession(path);
  const linkType = LINK_TYPES[session.link_type];
  if (linkType === undefined) {
    session.close();
    const name = session.link_type.replace('Unknown linktype', 'type').replace('LINKTYPE_', '');
    throw refuse(path, `its link type (${name}) is not one of Ethernet, IP, Linux cooked or loopback`);
  }
  let outcome = 0;
  const dispatch = session.session.dispatch.bind(session.session);
  session.session.dispatch = (frame, header) => (outcome = dispatch(frame, header));
  return new Promise((resolve) => {
    let isStopped = false;
    session.on('packet', ({ buf, header }) => {
      if (isStopped) return;
      const kept = Math.min(header.readUInt32LE(8), buf.length);
      const wallNs = BigInt(header.readUInt32LE(0)) * NS_PER_SEC + BigInt(header.readUInt32LE(4)) * NS_PER_US;
      if (onFrame({ bytes: new Uint8Array(buf.buffer, buf.byteOffset, kept), wallNs }, linkType)) return;
      isStopped = true;
      // The package forgets its listeners on closing, so that nothing would tell the end.
      session.close();
      resolve({ reason: 'stopped' });
    });
    session.on('complete', () => {
      session.close();
      resolve({ reason: outcome === -1 ? 'damaged' : 'complete' });
    });
  });
}

function openSession(path: string): PackageSession {
  const { createOfflineSession } = loadPackage();
  try {
    return createOfflineSession(path);
  } catch (cause) {
    throw refuse(path, cause instanceof Error ? cause.message : String(cause), cause);
  }
}

function refuse(path: string, why: string, cause?: unknown): UsageError {
  return new UsageError('usage.argument', `${path} cannot be analysed: ${why}`, { cause });
}

let loaded: PcapPackage | undefined;

/** The package is optional: a machine without a compiler does without this one command. */
function loadPackage(): PcapPackage {
  if (loaded) return loaded;
  try {
    loaded = createRequire(import.meta.url)('pcap') as PcapPackage;
    return loaded;
  } catch (cause) {
    throw new DeviceError(
      'device.package',
      'apparenet analyze needs the package pcap, which is not installed or not built for this Node.js: with libpcap-dev, a C++ ' +
        'compiler, python3 and the headers of Node.js there, run "npm install pcap" or "npm rebuild pcap"',
      undefined,
      { cause },
    );
  }
}
