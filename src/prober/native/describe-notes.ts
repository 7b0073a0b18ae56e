// What a reader of the report must know of how the path was opened, one sentence each. Pure: the words of open-native.ts.
import type { Choice } from './choose-via.js';
import { describeOwnQueue, type OwnQueue } from './own-queue.js';
import type { PathMtu } from './path-mtu.js';

export interface OpenedWay {
  /** Name of the port; `lo` where the target is this machine. */
  readonly port: string;
  readonly choice: Choice;
  /** null where it was not looked for. */
  readonly mtu: PathMtu | null;
  readonly ownQueue: OwnQueue;
}

export function describeNotes({ port, choice, mtu, ownQueue }: OpenedWay): string[] {
  const notes: string[] = [];
  if (port === 'lo') notes.push('The target is this machine itself: nothing but its own kernel is measured');
  const fallback = describeFallback(choice);
  if (fallback !== null) notes.push(fallback);
  notes.push(...describeOwnQueue(port, ownQueue));
  if (choice.trace?.stamps.tx === 'user' && ownQueue.holding === null) {
    notes.push(`Port ${port} gives no transmit stamps: T1 is taken before the kernel, so delays include it`);
  }
  if (mtu !== null && mtu.announced !== null) {
    notes.push(`${mtu.announced.from} passes no packet above ${mtu.bytes} bytes on: none larger was sent`);
  }
  return notes;
}

/** null where the best way answered, or where there was one way only. */
function describeFallback({ kind, trace, silent }: Choice): string | null {
  if (silent.every((label) => label === kind.label)) return null;
  const together = trace !== null && kind.replySize === 'same' ? ', both directions together' : '';
  return `No answer by ${joinLabels(silent)}: measured by ${kind.label}${together}`;
}

/** `STAMP on udp/3237`, `STAMP on udp/862`, `ICMP echo` → "STAMP on udp/3237 or udp/862 or by ICMP echo". */
function joinLabels(labels: readonly string[]): string {
  const places = new Map<string, string[]>();
  for (const label of labels) {
    const [way = '', place] = label.split(' on ');
    places.set(way, [...(places.get(way) ?? []), ...(place === undefined ? [] : [place])]);
  }
  const ways = [...places].map(([way, at]) => (at.length === 0 ? way : `${way} on ${at.join(' or ')}`));
  const last = ways.pop() ?? '';
  return ways.length === 0 ? last : `${ways.join(', by ')} or by ${last}`;
}
