// What the engine's scenarios send and where: numbered frames on a veth pair, in the namespace this process was started in.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import type { NativePort, OpenOptions, RunOptions, RunResult } from '../../../device/nic/native-port.js';
import type { NativeReflector } from '../../../device/nic/native-reflector.js';
import { loadEngine } from '../../../device/nic/nic.js';

/** Local experimental ethertype (IEEE 802). */
export const ETHERTYPE = 0x88b5;
export const NUMBER_AT = 14;

export function ip(...words: string[]): void {
  execFileSync('ip', words);
}

/** va - vb, up and silent: without IPv6 the kernel sends nothing there by itself. */
export function createVethPair(): void {
  execFileSync('sysctl', ['-qw', 'net.ipv6.conf.default.disable_ipv6=1']);
  ip('link', 'add', 'va', 'type', 'veth', 'peer', 'name', 'vb');
  for (const port of ['va', 'vb']) ip('link', 'set', port, 'up');
}

/** Classic BPF: 8 bytes an instruction. */
export function encodeFilter(instructions: readonly (readonly [number, number, number, number])[]): Uint8Array {
  const bytes = Buffer.alloc(8 * instructions.length);
  instructions.forEach(([code, jt, jf, k], i) => {
    bytes.writeUInt16LE(code, 8 * i);
    bytes.writeUInt8(jt, 8 * i + 2);
    bytes.writeUInt8(jf, 8 * i + 3);
    bytes.writeUInt32LE(k, 8 * i + 4);
  });
  return bytes;
}

/** ldh [12]; jeq ETHERTYPE; ret all; ret none */
export const OUR_FRAMES = encodeFilter([
  [0x28, 0, 0, 12],
  [0x15, 0, 1, ETHERTYPE],
  [0x06, 0, 0, 0xffffffff],
  [0x06, 0, 0, 0],
]);

export function openLinkPort(port: string, options: Partial<OpenOptions> = {}): NativePort {
  return loadEngine().openPort({
    port,
    sendLayer: 'link',
    filter: OUR_FRAMES,
    snapBytes: 1600,
    ringFrames: 100_000,
    hardwareStamps: true,
    ...options,
  });
}

/** On a port that the kernel chooses, for everybody, without limits. */
export function openAnyReflector(): NativeReflector {
  return loadEngine().openReflector({
    udpPorts: [0],
    ipv4: true,
    ipv6: false,
    port: '',
    allow: new Uint8Array(17),
    sourceRate: 0,
    sourceBurst: 1,
    totalRate: 0,
    totalBurst: 1,
    trains: false,
    trainSourceRate: 0,
    trainSourceBurst: 0,
    trainTotalRate: 0,
    trainTotalBurst: 0,
    maxSessions: 16,
    realTime: false,
  });
}

/** `count` frames of 60 bytes, each with its number, `gapNs` apart; lingers 50 ms. */
export function planFrames(count: number, gapNs: number, options: Partial<RunOptions> = {}): RunOptions {
  const arena = Buffer.alloc(60 * count);
  for (let i = 0; i < count; i++) {
    arena.fill(0xff, 60 * i, 60 * i + 6);
    arena.writeUInt16BE(ETHERTYPE, 60 * i + 12);
    arena.writeUInt32BE(i, 60 * i + NUMBER_AT);
  }
  return {
    arena,
    frameOffset: Uint32Array.from({ length: count }, (_, i) => 60 * i),
    frameLength: new Uint32Array(count).fill(60),
    frameIndex: Uint32Array.from({ length: count }, (_, i) => i),
    offsetNs: Float64Array.from({ length: count }, (_, i) => i * gapNs),
    txStamping: 'all',
    timestampAt: -1,
    checksumAt: -1,
    lingerNs: 50e6,
    expectFrames: 0,
    graceNs: 0,
    quietNs: 0,
    leadNs: 2e6,
    realTime: false,
    ...options,
  };
}

/** Receives only: until `expectFrames` came, or for 5 s. */
export function planListening(expectFrames: number): RunOptions {
  return planFrames(0, 0, { txStamping: 'none', lingerNs: 5e9, expectFrames, graceNs: 10e6 });
}

/** Numbers of the received frames, in order. */
export function readNumbers(result: RunResult): number[] {
  const { rx } = result;
  const view = new DataView(rx.bytes.buffer, rx.bytes.byteOffset, rx.bytes.byteLength);
  return Array.from({ length: rx.count }, (_, row) => view.getUint32((rx.start[row] ?? 0) + NUMBER_AT));
}

/** Resolves once the running run has handed over `packets`. Ends because the run's schedule does. */
export async function waitForProgress(port: NativePort, packets: number): Promise<void> {
  while (port.progress() < packets) await new Promise((resolve) => setTimeout(resolve, 1));
}

export async function assertFails(promise: Promise<unknown>, errno: string, message?: RegExp): Promise<void> {
  await assert.rejects(promise, (error: Error & { errno?: string; syscall?: string; port?: string }) => {
    assert.equal(error.errno, errno, error.message);
    assert.equal(typeof error.syscall, 'string');
    assert.equal(typeof error.port, 'string');
    if (message) assert.match(error.message, message);
    return true;
  });
}
