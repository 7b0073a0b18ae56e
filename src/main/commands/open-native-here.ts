// Opens paths on this machine's own ports, with what a sequencer that runs beside us heard on them.
import { HostFiles } from '../../box/host-files.js';
import { listenWithMemory } from '../../box/neighbour-memory.js';
import { ApparenetError } from '../../model/errors.js';
import type { PortNeighbour } from '../../model/link-evidence.js';
import type { PathRequest, Prober } from '../../model/path.js';
import type { CaptureFile } from '../../prober/capture/capture-file.js';
import { createOpenNative } from '../../prober/native/open-native.js';
import { findControlSocketPath } from '../../prober/remote/find-control-socket.js';
import { readStatus } from '../../prober/remote/read-status.js';

/** A sequencer answers in milliseconds; nobody waits for one that does not. */
const ANSWER_TIMEOUT_MS = 500;

/** As OpenProber; all frames that are sent and received go into the file. */
export async function openNativeHere(
  request: PathRequest,
  signal: AbortSignal,
  captureFile?: CaptureFile,
): Promise<Prober> {
  const listen = listenWithMemory(await readRememberedNeighbours());
  const open = createOpenNative({ listen, ...(captureFile === undefined ? {} : { captureFile }) });
  return open(request, signal);
}

/** None of a sequencer in another network namespace: its ports are not ours, whatever their names. */
async function readRememberedNeighbours(): Promise<readonly PortNeighbour[]> {
  try {
    const status = await readStatus(findControlSocketPath(), AbortSignal.timeout(ANSWER_TIMEOUT_MS));
    const own = new HostFiles().readLink('proc/self/ns/net');
    return status.networkNamespace === own ? status.neighbours : [];
  } catch (error) {
    if (error instanceof ApparenetError) return [];
    throw error;
  }
}
