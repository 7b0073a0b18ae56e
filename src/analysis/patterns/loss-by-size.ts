// Which share of the packets of each size was lost: a step for a limit of size, a slope for bit errors.
import type { EvidencePattern } from '../../model/evidence-pattern.js';
import type { SizeTallies } from '../estimators/loss/size-limit.js';
import { buildSeries } from './pattern-series.js';

/** null without a packet. */
export function composeLossBySize(tallies: SizeTallies, name: string): EvidencePattern | null {
  const points = [...tallies].map(([size, { passed, failed }]) => [size, failed / (passed + failed)] as const);
  const series = buildSeries(name, 'bars', points);
  return (
    series && {
      title: 'Share of packets lost, by their size',
      x: { label: 'IP length', unit: 'bytes' },
      y: { label: 'lost', unit: 'ratio' },
      series: [series],
    }
  );
}
