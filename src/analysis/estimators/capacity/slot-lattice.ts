// Whether packets come on a lattice of instants, as from a link that sends in slots smaller than a packet: each then takes one
// number of slots or the next. Slots that hold several packets show as batches, which are not looked for here.

/** Packets take so many slots at most: finer lattices fit anything. */
const MOST_SLOTS = 8;
/** How far from the lattice a gap may be, in slots. */
const TOLERANCE = 0.06;
/** Gaps other than the usual one on a lattice, least number, the share of them that must lie on it, and that takes a slot more or less. */
const LEAST_OTHERS = 6;
const ON_LATTICE = 0.95;
const NEXT_TO_USUAL = 0.5;

/**
 * Time from slot to slot in the unit of `gaps`, the time between packets that followed each other through a backlog; `usual` is the
 * one that most of them share. null where gaps lie on no lattice, where too few differ from the usual one by a slot, and where all are
 * whole multiples of it: full packets of other traffic do the same. Packets of other traffic, all of one size, lie on some lattice as
 * well, but are seldom a single slot long.
 */
export function findSlotPeriod(gaps: Float64Array, usual: number): number | null {
  if (!(usual > 0)) return null;
  for (let slots = 1; slots <= MOST_SLOTS; slots += 1) {
    const period = usual / slots;
    const others = gaps.filter((gap) => Math.abs(gap / period - slots) > TOLERANCE);
    const fitting = others.filter((gap) => Math.abs(gap / period - Math.round(gap / period)) < TOLERANCE);
    if (others.length < LEAST_OTHERS || fitting.length < ON_LATTICE * others.length) continue;
    if (slots === 1) return null;
    const next = fitting.filter((gap) => Math.abs(Math.round(gap / period) - slots) === 1).length;
    if (next >= NEXT_TO_USUAL * others.length) return period;
  }
  return null;
}
