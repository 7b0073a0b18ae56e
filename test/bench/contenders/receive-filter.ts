// Kernel filters of the contenders, in classic BPF: `nothing`, and every frame of one UDP destination port over IPv4.
import { endianness } from 'node:os';

type Instruction = readonly [code: number, jumpTrue: number, jumpFalse: number, value: number];

const RETURN = 0x06;
const LOAD_HALF = 0x28;
const LOAD_BYTE = 0x30;
const JUMP_EQUAL = 0x15;
const WHOLE_FRAME = 0xffff;

function encodeBpf(program: readonly Instruction[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(program.length * 8));
  const little = endianness() === 'LE';
  program.forEach(([code, jumpTrue, jumpFalse, value], i) => {
    view.setUint16(i * 8, code, little);
    view.setUint8(i * 8 + 2, jumpTrue);
    view.setUint8(i * 8 + 3, jumpFalse);
    view.setUint32(i * 8 + 4, value, little);
  });
  return new Uint8Array(view.buffer);
}

export function encodeBpfNothing(): Uint8Array {
  return encodeBpf([[RETURN, 0, 0, 0]]);
}

/** Frames without options or tags, as the bench sends them. */
export function encodeBpfUdpTo(port: number): Uint8Array {
  return encodeBpf([
    [LOAD_HALF, 0, 0, 12],
    [JUMP_EQUAL, 0, 5, 0x0800],
    [LOAD_BYTE, 0, 0, 23],
    [JUMP_EQUAL, 0, 3, 17],
    [LOAD_HALF, 0, 0, 36],
    [JUMP_EQUAL, 0, 1, port],
    [RETURN, 0, 0, WHOLE_FRAME],
    [RETURN, 0, 0, 0],
  ]);
}
