// Who sends the packets of an examination: a sequencer that runs in this network namespace, so that two senders never meet on a port,
// else this process where it may, else nobody.
import { createRawPacketError } from '../box/capabilities.js';
import { ApparenetError, DeviceError, PermissionError } from '../model/errors.js';
import type { OpenProber, PathRequest, Prober } from '../model/path.js';

export interface PathSources {
  /** True where this process may open raw packets. */
  readonly mayOpenRawPackets: () => boolean;
  readonly openNative: OpenProber;
  readonly openRemote: OpenProber;
  /** The network namespace of the sequencer that answers here. @throws an ApparenetError where none does. */
  readonly readSequencerNamespace: (signal: AbortSignal) => Promise<string>;
  readonly readOwnNamespace: () => string | null;
}

/** Why the sequencer cannot send for this process. */
interface Unsuited {
  readonly why: string;
  /** It may send on the same ports all the same. */
  readonly isBeside: boolean;
  /** It would for others: who may not open raw packets either is told how to become one of them. */
  readonly refusal?: PermissionError;
}

/**
 * A sequencer in another network namespace has other ports and other routes: its figures would belong to another path, so it
 * is not used. Where one of this namespace cannot be used, a note of the path says so.
 * @throws PermissionError where neither can send: `permission.socket` where a sequencer serves others, else `permission.raw-packets`.
 */
export function choosePath(sources: PathSources): OpenProber {
  return async (request, signal) => {
    const opened = await openBySequencer(sources, request, signal);
    if (!('why' in opened)) return opened;
    if (!sources.mayOpenRawPackets()) throw opened.refusal ?? createRawPacketError(opened.why);
    const prober = await sources.openNative(request, signal);
    return opened.isBeside ? noteSequencer(prober, opened.why) : prober;
  };
}

async function openBySequencer(
  sources: PathSources,
  request: PathRequest,
  signal: AbortSignal,
): Promise<Prober | Unsuited> {
  const unsuited = await findSequencerProblem(sources, signal);
  if (unsuited !== null) return unsuited;
  try {
    return await sources.openRemote(request, signal);
  } catch (error) {
    // It was started by somebody who may not send. What else it refuses, the path itself is the reason of.
    const isPowerless = error instanceof PermissionError && error.code === 'permission.raw-packets';
    if (isPowerless) return { why: `the sequencer that runs here may not send: ${error.message}`, isBeside: false };
    throw error;
  }
}

/** null where it can stand in. */
async function findSequencerProblem(sources: PathSources, signal: AbortSignal): Promise<Unsuited | null> {
  try {
    const theirs = await sources.readSequencerNamespace(signal);
    if (theirs === sources.readOwnNamespace()) return null;
    return { why: 'the sequencer that runs here is in another network namespace', isBeside: false };
  } catch (error) {
    if (!(error instanceof ApparenetError) || error.code === 'canceled') throw error;
    const refusal = error instanceof PermissionError ? { refusal: error } : {};
    return { why: error.message, isBeside: !isNobody(error), ...refusal };
  }
}

/** No socket, or nobody who listens at it. */
function isNobody(error: ApparenetError): boolean {
  return error instanceof DeviceError && error.details.syscall === 'connect';
}

/** A path of this process beside a sequencer that could not be asked. */
function noteSequencer(inner: Prober, why: string): Prober {
  const note = `This command sent by itself, and the sequencer that runs here may have sent beside it: ${why}`;
  return {
    path: { ...inner.path, notes: [...inner.path.notes, note] },
    openingCost: inner.openingCost,
    run: (sequence, options) => inner.run(sequence, options),
    close: () => inner.close(),
  };
}
