// An independent witness: tcpdump on a port, with the kernel's own nanosecond stamps. Sees both contenders in the same way.
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import type { TestPath } from '../live/test-path.js';
import { finishTcpdump, startCompanion, type Where } from './contest.js';

export interface Witnessed {
  /** ns since the first packet seen, in order, of packets to the far end's UDP port and of those back from it. */
  readonly requestsNs: readonly number[];
  readonly repliesNs: readonly number[];
}

export interface Witness {
  finish(): Promise<Witnessed>;
}

const SNAP_BYTES = 64;
const BUFFER_KIB = 32768;

/** Watches the packets to and from one UDP port of the far end. `file` is scratch. */
export async function startWitness(path: TestPath, where: Where, udpPort: number, file: string): Promise<Witness> {
  const port = where === 'near' ? path.port : 'fp';
  const capture = ['-s', String(SNAP_BYTES), '-B', String(BUFFER_KIB), '--time-stamp-precision=nano', '-w', file];
  const command = ['tcpdump', '-i', port, '-n', ...capture, `udp port ${udpPort}`];
  const tcpdump = await startCompanion(path, where, command, 'listening on');
  return {
    async finish() {
      await finishTcpdump(tcpdump);
      const read = ['-r', file, '-n', '-tt', '-q', '--time-stamp-precision=nano'];
      const listing = execFileSync('tcpdump', read, { encoding: 'utf8', maxBuffer: 1 << 28, stdio: 'pipe' });
      rmSync(file);
      return parseListing(listing, path.farAddress);
    },
  };
}

/** Lines such as `1763829278.116592427 IP 10.66.0.1.43644 > 10.66.0.2.2112: UDP, length 60`. */
export function parseListing(listing: string, farAddress: string): Witnessed {
  const requestsNs: number[] = [];
  const repliesNs: number[] = [];
  let base: bigint | undefined;
  for (const [, seconds = '', nanoseconds = '', source] of listing.matchAll(/^(\d+)\.(\d{9}) IP (\S+)\.\d+ > /gm)) {
    const at = BigInt(seconds) * 1_000_000_000n + BigInt(nanoseconds);
    base ??= at;
    (source === farAddress ? repliesNs : requestsNs).push(Number(at - base));
  }
  return { requestsNs, repliesNs };
}
