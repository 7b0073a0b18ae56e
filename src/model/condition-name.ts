// A condition as people call it.
import type { Condition, Finding } from './report.js';

/** `mtu-black-hole` → `MTU black hole`. */
export function nameCondition(condition: Condition): string {
  return condition.replaceAll('-', ' ').replace(/\b(mtu|dscp|vlan)\b/, (word) => word.toUpperCase());
}

/** Which side of a duplex mismatch is half. */
export const HALF_SIDE_WORDS: Readonly<Record<NonNullable<Finding['halfSide']>, string>> = {
  near: 'half duplex at the near side',
  far: 'half duplex at the far side',
  unknown: 'half duplex at one side, which one is not known',
};
