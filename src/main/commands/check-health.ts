// Asks a part that speaks HTTP how it is, as its clients would: through its own port.
import { readHealth } from '../../box/part-health.js';
import { DeviceError } from '../../model/errors.js';

const ANSWER_MS = 5_000;

/** Rejects with DeviceError `peer.unreachable` unless the part at `url` (`http://127.0.0.1:PORT`) says how it is in time. */
export async function checkHealth(url: string): Promise<void> {
  const { hostname, port } = new URL(url);
  if ((await readHealth(hostname, Number(port), ANSWER_MS)) === null) {
    throw new DeviceError('peer.unreachable', `nothing sound answers at ${url}`);
  }
}
