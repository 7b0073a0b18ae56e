// Who sends the packets of an examination: this process where it may, else a sequencer that runs on this machine, else nobody.
import { createRawPacketError } from '../box/capabilities.js';
import { ApparenetError } from '../model/errors.js';
import type { OpenProber } from '../model/path.js';

export interface PathSources {
  /** True where this process may open raw packets. */
  readonly mayOpenRawPackets: () => boolean;
  readonly openNative: OpenProber;
  readonly openRemote: OpenProber;
  /** The network namespace of the sequencer that answers here. @throws an ApparenetError where none does. */
  readonly readSequencerNamespace: (signal: AbortSignal) => Promise<string>;
  readonly readOwnNamespace: () => string | null;
}

/**
 * A sequencer in another network namespace has other ports and other routes: its figures would belong to another path, so it
 * is not used. @throws PermissionError `permission.raw-packets` where neither can send.
 */
export function choosePath(sources: PathSources): OpenProber {
  return async (request, signal) => {
    if (sources.mayOpenRawPackets()) return sources.openNative(request, signal);
    const problem = await findSequencerProblem(sources, signal);
    if (problem !== null) throw createRawPacketError(problem);
    return sources.openRemote(request, signal);
  };
}

/** Why the local sequencer cannot stand in; null where it can. */
async function findSequencerProblem(sources: PathSources, signal: AbortSignal): Promise<string | null> {
  try {
    const theirs = await sources.readSequencerNamespace(signal);
    return theirs === sources.readOwnNamespace()
      ? null
      : 'the sequencer that runs here is in another network namespace';
  } catch (error) {
    if (error instanceof ApparenetError && error.code !== 'canceled') return error.message;
    throw error;
  }
}
