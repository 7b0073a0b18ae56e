// One examination whose frames are kept in a file: only a port of this process gives them, a sequencer elsewhere does not.
import { readMayOpenRawPackets } from '../../box/capabilities.js';
import { UsageError } from '../../model/errors.js';
import type { PathRequest, Prober } from '../../model/path.js';
import type { Report } from '../../model/report.js';
import { CaptureFile } from '../../prober/capture/capture-file.js';
import { openNativeHere } from './open-native-here.js';

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
  const file = CaptureFile.open(captureFile);
  let report: Report;
  try {
    report = await run((signal) => openNativeHere(path, signal, file));
  } finally {
    file.close();
  }
  return file.failure === null ? report : { ...report, limits: [...report.limits, file.failure] };
}
