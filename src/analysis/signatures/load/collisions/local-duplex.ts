// What the probe's own port, its error counters and its neighbour say of duplex on the first link, as ln of how much more likely that is
// with its near or its far side half duplex than on a sound link.
import type { Evidence } from '../../../../model/report.js';
import type { PortErrors } from '../../../../model/trace.js';
import { formatCount } from '../../observations.js';
import type { Observations } from '../../observations.js';

export type HalfSide = 'near' | 'far';

export interface LocalDuplex {
  readonly near: number;
  readonly far: number;
  /** Whether something here, not packets alone, points at the own port. */
  readonly isOwnPort: boolean;
  readonly evidence: readonly Evidence[];
}

/** Above it no port runs half duplex. */
const MOST_HALF_DUPLEX = 100e6;
/** A sound link whose ends tell different duplex is a driver or a neighbour that reports wrongly: one in a few thousand. */
const DISAGREE = Math.log(3000);
/** Most ports that run half duplex hang on a partner that does not negotiate, and half of those on one that is full. */
const OWN_HALF = Math.log(20);
/** Late collisions do not happen on a sound link; on a mismatched one they happen at the half side. */
const LATE = Math.log(1000);
/** Damaged frames at a full-duplex port of 10 or 100 Mb/s: a bad cable is as likely. */
const DAMAGED = Math.log(8);

export function weighLocalDuplex({ path, byPhase }: Observations): LocalDuplex {
  const { port, neighbour } = path;
  const nothing: LocalDuplex = { near: 0, far: 0, isOwnPort: false, evidence: [] };
  if (port.speedBitsPerSec === null || port.speedBitsPerSec > MOST_HALF_DUPLEX) return nothing;
  const traces = Object.values(byPhase).flat();
  const sumOf = (counter: keyof PortErrors): number =>
    traces.reduce((sum, { portErrors }) => sum + Math.max(0, portErrors?.[counter] ?? 0), 0);
  const evidence: Evidence[] = [];
  let near = 0;
  let far = 0;
  const other = neighbour?.duplex ?? null;
  if (other !== null && port.duplex !== 'unknown' && other !== port.duplex) {
    if (port.duplex === 'half') near += DISAGREE;
    else far += DISAGREE;
    const text = `Port ${port.name} runs ${port.duplex} duplex, its neighbour says ${other} of its own`;
    evidence.push({ text, metric: 'neighbour.duplex', value: other, expected: port.duplex });
  } else if (port.duplex === 'half' && other === null) {
    near += OWN_HALF;
    const text = `Port ${port.name} runs half duplex`;
    evidence.push({ text, metric: 'port.duplex', value: 'half', expected: 'full' });
  }
  const late = sumOf('lateCollisions');
  if (late > 0 && port.duplex !== 'full') {
    near += LATE;
    const text = `The port counted ${formatCount(late, 'late collision')}: the other side does not listen before it sends`;
    evidence.push({ text, metric: 'portErrors.lateCollisions', value: late, expected: 0 });
  }
  const damaged = sumOf('fcsErrors') + sumOf('alignmentErrors');
  if (damaged > 0 && port.duplex === 'full') {
    far += DAMAGED;
    const text = `The port counted ${formatCount(damaged, 'damaged frame')}, as collisions of a half-duplex partner leave them`;
    evidence.push({ text, metric: 'portErrors.fcsErrors', value: damaged, expected: 0 });
  }
  return { near, far, isOwnPort: evidence.length > 0, evidence };
}
