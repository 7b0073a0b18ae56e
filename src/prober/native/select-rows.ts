// Columns of a run that sent more than its schedule -> the columns of the schedule alone. Pure.
import { TX_STATUS, type RunResult } from '../../../device/nic/native-port.js';
import type { Departures } from './far-train.js';

/** What was received is kept whole. */
export function selectRows(result: RunResult, { what }: Departures): RunResult {
  const { tx } = result;
  const isRow = (_: unknown, i: number): boolean => (what[i] ?? -1) >= 0;
  const status = tx.status.filter(isRow);
  return {
    ...result,
    tx: {
      status,
      userNs: tx.userNs.filter(isRow),
      kernelNs: tx.kernelNs.filter(isRow),
      hardwareNs: tx.hardwareNs.filter(isRow),
      lateNs: tx.lateNs.filter(isRow),
    },
    counters: { ...result.counters, sent: status.filter((value) => value === TX_STATUS.sent).length },
  };
}

/** How many of the first `departed` packets were rows of the schedule. */
export function countRows({ what }: Departures, departed: number): number {
  return what.subarray(0, departed).reduce((rows, index) => (index >= 0 ? rows + 1 : rows), 0);
}
