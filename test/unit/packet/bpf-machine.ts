// Runs classic BPF as the kernel does (Linux Documentation/networking/filter.rst), for the tests of the filters only.
import assert from 'node:assert/strict';

interface Instruction {
  readonly code: number;
  readonly jumpTrue: number;
  readonly jumpFalse: number;
  readonly k: number;
}

/** What the kernel's checker demands before it takes a program: known codes, jumps inside, a return at the end. */
export function loadProgram(bytes: Uint8Array): Instruction[] {
  assert.equal(bytes.length % 8, 0);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const program = Array.from({ length: bytes.length / 8 }, (_, i) => ({
    code: view.getUint16(8 * i, true),
    jumpTrue: view.getUint8(8 * i + 2),
    jumpFalse: view.getUint8(8 * i + 3),
    k: view.getUint32(8 * i + 4, true),
  }));
  assert.ok(program.length > 0 && program.length <= 4096);
  program.forEach(({ jumpTrue, jumpFalse }, i) => assert.ok(i + 1 + Math.max(jumpTrue, jumpFalse) <= program.length));
  assert.equal(program.at(-1)?.code, 0x06);
  return program;
}

/** Octets of the frame to keep; 0 rejects it. */
export function runProgram(program: readonly Instruction[], frame: Uint8Array): number {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.length);
  let a = 0;
  let x = 0;
  const width = (code: number) => ({ 0x00: 4, 0x08: 2, 0x10: 1 })[code & 0x18] ?? assert.fail();
  const read = (at: number, bytes: number) =>
    bytes === 4 ? view.getUint32(at) : bytes === 2 ? view.getUint16(at) : view.getUint8(at);
  // Ends: jumps only lead forward.
  for (let i = 0; i < program.length; i++) {
    const { code, jumpTrue, jumpFalse, k } = program[i] ?? assert.fail();
    switch (code) {
      case 0x20:
      case 0x28:
      case 0x30:
      case 0x40:
      case 0x48:
      case 0x50: {
        const at = code >= 0x40 ? k + x : k;
        if (at + width(code) > frame.length) return 0;
        a = read(at, width(code));
        break;
      }
      case 0xb1:
        if (k >= frame.length) return 0;
        x = 4 * (read(k, 1) & 0x0f);
        break;
      case 0x54:
        a = (a & k) >>> 0;
        break;
      case 0x64:
        a = (a << k) >>> 0;
        break;
      case 0x0c:
        a = (a + x) >>> 0;
        break;
      case 0x07:
        x = a;
        break;
      case 0x15:
        i += a === k ? jumpTrue : jumpFalse;
        break;
      case 0x25:
        i += a > k ? jumpTrue : jumpFalse;
        break;
      case 0x45:
        i += (a & k) !== 0 ? jumpTrue : jumpFalse;
        break;
      case 0x06:
        return k;
      default:
        assert.fail(`unknown code 0x${code.toString(16)}`);
    }
  }
  return assert.fail('ran past the end');
}
