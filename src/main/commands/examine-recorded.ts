// One examination whose frames are kept in a file: only a port of this process gives them, a sequencer elsewhere does not.
import { readMayOpenRawPackets } from '../../box/capabilities.js';
import { HostFiles } from '../../box/host-files.js';
import { ApparenetError, UsageError } from '../../model/errors.js';
import type { PathRequest, Prober } from '../../model/path.js';
import type { Report } from '../../model/report.js';
import { CaptureFile } from '../../prober/capture/capture-file.js';
import { openNativeHere } from './open-native-here.js';
import { readSequencerNamespace } from './read-sequencer-namespace.js';

const BESIDE = 'To keep the frames this command sent by itself: the sequencer that runs here may have sent beside it';

/** @throws UsageError before anything is sent where this process may not send itself, or the file cannot be written. */
export async function examineRecorded(
  path: PathRequest,
  captureFile: string,
  run: (open: (signal: AbortSignal) => Promise<Prober>) => Promise<Report>,
): Promise<Report> {
  if (!readMayOpenRawPackets()) {
    throw new UsageError(
      'usage.unsupported',
      '--save-capture needs a process that sends by itself, and a sequencer does not give its frames away: run it with sudo',
    );
  }
  const isBeside = await runsSequencer();
  const file = CaptureFile.open(captureFile);
  let report: Report;
  try {
    report = await run((signal) => openNativeHere(path, signal, file));
  } finally {
    file.close();
  }
  const notes = [...(isBeside ? [BESIDE] : []), ...(file.failure === null ? [] : [file.failure])];
  return notes.length === 0 ? report : { ...report, limits: [...report.limits, ...notes] };
}

/** A sequencer of the same ports. One that cannot be asked is told of by nobody: it keeps no frames in any case. */
async function runsSequencer(): Promise<boolean> {
  try {
    const theirs = await readSequencerNamespace(new AbortController().signal);
    return theirs === new HostFiles().readLink('proc/self/ns/net');
  } catch (error) {
    if (error instanceof ApparenetError) return false;
    throw error;
  }
}
