// In which network namespace the sequencer of this machine sends, without waiting for one that hangs.
import { CanceledError, DeviceError } from '../../model/errors.js';
import { findControlSocketPath } from '../../prober/remote/find-control-socket.js';
import { readStatus } from '../../prober/remote/read-status.js';

/** A sequencer answers in milliseconds, on a busy machine in some hundred: this one has stopped. */
const ANSWER_TIMEOUT_MS = 5_000;

/** @throws DeviceError `peer.unreachable`, PermissionError or ProtocolError `protocol.version`; CanceledError when `signal` aborts. */
export async function readSequencerNamespace(signal: AbortSignal): Promise<string> {
  const socketPath = findControlSocketPath();
  const patience = AbortSignal.timeout(ANSWER_TIMEOUT_MS);
  try {
    return (await readStatus(socketPath, AbortSignal.any([signal, patience]))).networkNamespace;
  } catch (error) {
    if (!(error instanceof CanceledError) || signal.aborted) throw error;
    throw new DeviceError('peer.unreachable', `the sequencer at ${socketPath} does not answer`, undefined, {
      cause: error,
    });
  }
}
