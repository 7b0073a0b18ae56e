// A port of the native engine: how it is opened, what a run sends and what comes back of it. What the engine does stands in the C files.

/**
 * How packets leave. `link`: whole frames through AF_PACKET. `network4`/`network6`: IP packets through a raw IP socket and the
 * kernel's own route, for ports without Ethernet headers (tun, ppp) and for loopback, which drops foreign frames as martians.
 */
export type SendLayer = 'link' | 'network4' | 'network6';

export interface OpenOptions {
  readonly port: string;
  readonly sendLayer: SendLayer;
  /** Classic BPF program, 8 bytes an instruction (u16 code, u8 jt, u8 jf, u32 k, host order); decides what `run` receives. */
  readonly filter: Uint8Array;
  /** Bytes kept of each received frame, 64-65535. */
  readonly snapBytes: number;
  /** Received frames kept in one run; more are counted as `ringOverflows`. 1-16,777,216 */
  readonly ringFrames: number;
  /** Ask the NIC for hardware stamps where its driver has them switched on. */
  readonly hardwareStamps: boolean;
}

/** Which frames get a transmit stamp from the kernel or NIC. */
export type TxStamping = 'all' | 'flagged' | 'none';

export interface RunOptions {
  /** Frames (or IP packets) one after the other. */
  readonly arena: Uint8Array;
  /** Start and length of each *distinct* frame in the arena. */
  readonly frameOffset: Uint32Array;
  readonly frameLength: Uint32Array;
  /** Which distinct frame each scheduled packet is; length is the number of packets. */
  readonly frameIndex: Uint32Array;
  /** When each packet leaves, ns after the start; never decreasing. Equal values leave in one sendmmsg. */
  readonly offsetNs: Float64Array;
  readonly txStamping: TxStamping;
  /** With `flagged`: 1 for packets to stamp. */
  readonly stampFlag?: Uint8Array;
  /**
   * Patch the time of sending into each frame just before it leaves: 8 bytes NTP format at `timestampAt`, and correct the 16-bit
   * ones-complement checksum at `checksumAt` (RFC 1624) unless −1. `timestampAt` −1: no patch.
   */
  readonly timestampAt: number;
  readonly checksumAt: number;
  /** ns to go on receiving after the last packet left. */
  readonly lingerNs: number;
  /** End the linger `graceNs` after this many frames passed the filter; 0: always wait the whole linger. */
  readonly expectFrames: number;
  readonly graceNs: number;
  /** End the linger when nothing came for so long, as `quietNs` of src/model/sequence.ts has it; 0: silence does not end it. */
  readonly quietNs: number;
  /** Lead time before the first packet, ns, for the threads to get ready. */
  readonly leadNs: number;
  /** Ask for SCHED_FIFO; whether it was granted is in the result. */
  readonly realTime: boolean;
}

/** What happened to each scheduled packet. */
export const TX_STATUS = { pending: 0, sent: 1, noBuffers: 2, failed: 3, canceled: 4 } as const;

export interface RunResult {
  /** CLOCK_REALTIME and CLOCK_MONOTONIC at the start, ns. Every kernel and user stamp below is after `baseWallNs`, NaN for none. */
  readonly baseWallNs: bigint;
  readonly baseMonoNs: bigint;
  /**
   * What `hardwareNs` counts from: `baseWallNs` while the NIC's clock is within a day of the wall clock, else the first hardware
   * stamp of the run, because offsets from a free-running clock would not fit a double exactly.
   */
  readonly baseHardwareNs: bigint;
  /** Change of (wall − mono) between start and end, ns: a stepped clock. Slewing moves both alike. */
  readonly clockStepNs: number;
  readonly tx: {
    readonly status: Uint8Array;
    /** When the engine handed it over, by the wall clock. */
    readonly userNs: Float64Array;
    readonly kernelNs: Float64Array;
    readonly hardwareNs: Float64Array;
    /** When the engine handed it over, ns after its planned instant. NaN if never. */
    readonly lateNs: Float64Array;
  };
  readonly rx: {
    readonly count: number;
    readonly kernelNs: Float64Array;
    readonly hardwareNs: Float64Array;
    /** When the engine read it, by the wall clock. */
    readonly userNs: Float64Array;
    /** Length on the wire; may exceed what was kept. */
    readonly length: Uint32Array;
    /** Where its kept bytes start in `bytes`; they end where the next one's start (`start` has count + 1 entries). */
    readonly start: Uint32Array;
    readonly bytes: Uint8Array;
  };
  readonly counters: {
    readonly sent: number;
    readonly noBuffers: number;
    readonly sendFailures: number;
    /** errno of the last failed send, 0 for none. */
    readonly lastSendErrno: number;
    /** Lost in the socket's buffer (PACKET_STATISTICS). */
    readonly socketDrops: number;
    /** Passed the filter but the ring was full. */
    readonly ringOverflows: number;
    readonly txStampsAsked: number;
    readonly txStampsKernel: number;
    readonly txStampsHardware: number;
    /**
     * What the kernel granted for frames that wait to be read; it charges about 800 bytes for a small one and 2,300 for a full one.
     * Without CAP_NET_ADMIN twice net.core.rmem_max at most (systemd/apparenet.sysctl).
     */
    readonly receiveBufferBytes: number;
  };
  readonly realTime: boolean;
  /** `complete`, `canceled` by cancel() or close(), `gone`: the port vanished or went down (errno in `stopErrno`). */
  readonly stop: 'complete' | 'canceled' | 'gone';
  readonly stopErrno: number;
}

export interface NativePort {
  readonly index: number;
  readonly mtu: number;
  /** ARPHRD_* of <linux/if_arp.h>: 1 Ethernet, 772 loopback, 65534 none. */
  readonly hardwareType: number;
  readonly mac: Uint8Array;
  /** One at a time. @throws an Error with `errno`, `syscall` and `port` for EPERM, EINVAL … before anything is sent. */
  run(options: RunOptions): Promise<RunResult>;
  /** Packets handed over so far in the running run. */
  progress(): number;
  /** Ends a running run; its promise resolves with what is known. Safe at any time. */
  cancel(): void;
  /** Cancels, waits for the threads, closes the sockets. Safe to call twice and while a run works. */
  close(): Promise<void>;
}
