// A STAMP sender as plain as can be, over node:dgram: one socket, replies in order of arrival.
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import { encodeStampSender, parseStampReflector, type StampReflectorPacket } from '../../../src/packet/stamp.js';
import { SENDER_TLV_FLAGS, type StampTlv, type StampTlvValue } from '../../../src/packet/stamp-tlv.js';

export interface Answer {
  readonly bytes: Uint8Array;
  readonly from: string;
  readonly port: number;
}

/** Long enough for any machine that works; only a defect waits for it. */
const PATIENCE_MS = 10_000;

export class StampClient {
  readonly answers: Answer[] = [];
  #waiting: (() => void)[] = [];

  private constructor(readonly socket: Socket) {
    socket.on('message', (bytes, { address, port }) => {
      this.answers.push({ bytes, from: address, port });
      this.#waiting.forEach((wake) => wake());
    });
  }

  static async open(address: string, port = 0): Promise<StampClient> {
    const socket = createSocket(isIPv6(address.split('%')[0] ?? '') ? 'udp6' : 'udp4');
    socket.bind(port, address);
    await once(socket, 'listening');
    return new StampClient(socket);
  }

  send(bytes: Uint8Array, port: number, address: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.socket.send(bytes, port, address, (error) => (error ? reject(error) : resolve()));
    });
  }

  /** Resolves when `count` answers have come in all. Rejects after 10 s: there is no answer. */
  async waitFor(count: number): Promise<void> {
    const deadline = AbortSignal.timeout(PATIENCE_MS);
    while (this.answers.length < count) {
      await new Promise<void>((resolve, reject) => {
        this.#waiting = [resolve];
        deadline.onabort = () => reject(new Error(`${this.answers.length} of ${count} answers came`));
      });
    }
  }

  /** Sends one request and gives the next answer. */
  async ask(bytes: Uint8Array, port: number, address: string): Promise<Answer> {
    const count = this.answers.length + 1;
    await this.send(bytes, port, address);
    await this.waitFor(count);
    return this.answers[count - 1] as Answer;
  }

  async askStamp(bytes: Uint8Array, port: number, address: string): Promise<StampReflectorPacket> {
    return parseStampReflector((await this.ask(bytes, port, address)).bytes);
  }

  close(): void {
    this.socket.close();
  }
}

export interface RequestFields {
  readonly sequence?: number;
  readonly ssid?: number;
  readonly tlvs?: readonly StampTlvValue[];
  readonly paddingBytes?: number;
}

/** A sender's packet with the wall clock's time in T1 and the flags of RFC 8972 in its TLVs. */
export function makeRequest({ sequence = 0, ssid = 0, tlvs = [], paddingBytes = 0 }: RequestFields = {}): Uint8Array {
  return encodeStampSender({
    sequence,
    timestampNs: BigInt(Date.now()) * 1_000_000n,
    errorEstimate: { synchronized: false, format: 'ntp', scale: 20, multiplier: 1 },
    ssid,
    hmac: null,
    tlvs: tlvs.map((tlv): StampTlv => ({ ...tlv, flags: SENDER_TLV_FLAGS })),
    rest: new Uint8Array(paddingBytes),
  });
}

export const FOLLOW_UP_REQUEST: StampTlvValue = {
  kind: 'follow-up-telemetry',
  sequence: 0,
  timestamp: 0n,
  stampMethod: 0,
};
