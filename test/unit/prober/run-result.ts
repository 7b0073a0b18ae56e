// What the engine returns, made by hand: rows that were sent, frames that came back, and when.
import type { RunResult } from '../../../device/nic/native-port.js';
import { TX_STATUS } from '../../../device/nic/native-port.js';

export const BASE_WALL_NS = 1_800_000_000_000_000_000n;
export const BASE_HARDWARE_NS = 77_000n;

export interface SentRow {
  readonly status?: number;
  /** When the engine handed it over; the kernel's stamp is 1 us, the NIC's 2 us later. */
  readonly atNs: number;
}

export interface CameFrame {
  readonly bytes: Uint8Array;
  /** When the engine read it; the kernel's stamp is 1 us, the NIC's 2 us earlier. */
  readonly atNs: number;
}

export interface ResultShape {
  readonly sent: readonly SentRow[];
  readonly came: readonly CameFrame[];
  readonly stop?: RunResult['stop'];
  readonly clockStepNs?: number;
  readonly counters?: Partial<RunResult['counters']>;
  /** Which stamps exist; kernel only without it. `share` of the rows and frames have one. */
  readonly stamps?: { readonly kernel: number; readonly hardware: number };
}

export function createResult(shape: ResultShape): RunResult {
  const { sent, came, stamps = { kernel: 1, hardware: 0 } } = shape;
  const isSent = ({ status = TX_STATUS.sent }: SentRow): boolean => status === TX_STATUS.sent;
  const stamp = (share: number, length: number, at: (i: number) => number): Float64Array =>
    Float64Array.from({ length }, (_, i) => (i < share * length ? at(i) : NaN));
  const sentAt = (extraNs: number) => (i: number) => {
    const row = sent[i];
    return row && isSent(row) ? row.atNs + extraNs : NaN;
  };
  const cameAt = (earlierNs: number) => (i: number) => (came[i]?.atNs ?? NaN) - earlierNs;
  const start = [0];
  for (const { bytes } of came) start.push((start.at(-1) ?? 0) + bytes.length);
  return {
    baseWallNs: BASE_WALL_NS,
    baseMonoNs: 0n,
    baseHardwareNs: BASE_HARDWARE_NS,
    clockStepNs: shape.clockStepNs ?? 0,
    tx: {
      status: Uint8Array.from(sent, ({ status }) => status ?? TX_STATUS.sent),
      userNs: Float64Array.from(sent, (_, i) => sentAt(0)(i)),
      kernelNs: stamp(stamps.kernel, sent.length, sentAt(1_000)),
      hardwareNs: stamp(stamps.hardware, sent.length, sentAt(2_000)),
      lateNs: new Float64Array(sent.length),
    },
    rx: {
      count: came.length,
      userNs: Float64Array.from(came, (_, i) => cameAt(0)(i)),
      kernelNs: stamp(stamps.kernel, came.length, cameAt(1_000)),
      hardwareNs: stamp(stamps.hardware, came.length, cameAt(2_000)),
      length: Uint32Array.from(came, ({ bytes }) => bytes.length),
      start: Uint32Array.from(start),
      bytes: Uint8Array.from(came.flatMap(({ bytes }) => [...bytes])),
    },
    counters: {
      sent: sent.filter(isSent).length,
      noBuffers: 0,
      sendFailures: 0,
      lastSendErrno: 0,
      socketDrops: 0,
      ringOverflows: 0,
      txStampsAsked: sent.length,
      txStampsKernel: sent.length,
      txStampsHardware: 0,
      receiveBufferBytes: 1 << 20,
      ...shape.counters,
    },
    realTime: false,
    stop: shape.stop ?? 'complete',
    stopErrno: 0,
  };
}
