// The path MTU in words: each direction, who said so, and whether larger packets pass in fragments.
import type { MtuEstimate } from '../model/estimates.js';

/** One line: `mtu  1480 bytes forward, 1500 reverse; 10.0.0.1 said so; larger packets pass in fragments`. */
export function describeMtu(mtu: MtuEstimate): string {
  const { forwardBytes, reverseBytes, failedBytes } = mtu;
  const forward = describeLimit(forwardBytes, failedBytes.forward);
  const reverse = reverseBytes === null ? '' : describeLimit(reverseBytes, failedBytes.reverse);
  const isOne = reverseBytes === null || forward === reverse;
  const directions = isOne ? `${forward} bytes` : `${forward} bytes forward, ${reverse} reverse`;
  return `mtu  ${[directions, ...describeReason(mtu)].join('; ')}`;
}

/** `1400`, or `1400 to 1479` where the search ended before it was known to the byte. */
function describeLimit(passedBytes: number, failedBytes: number | null): string {
  const isOpen = failedBytes !== null && failedBytes > passedBytes + 1;
  return isOpen ? `${passedBytes} to ${failedBytes - 1}` : `${passedBytes}`;
}

function describeReason({ isAnnounced, announcement, fragmentsPass }: MtuEstimate): string[] {
  if (isAnnounced === null) return [];
  const who = announcement === null ? 'nobody said so: a black hole' : describeAnnouncement(announcement);
  if (fragmentsPass === null) return [who];
  return [who, fragmentsPass ? 'larger packets pass in fragments' : 'fragments are lost, too'];
}

function describeAnnouncement({ from, mtuBytes }: NonNullable<MtuEstimate['announcement']>): string {
  return mtuBytes === null ? `${from} refused more and named no size` : `${from} said so`;
}
