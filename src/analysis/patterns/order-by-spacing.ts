// Which share of the packets was overtaken, by how far apart they were sent.
import type { EvidencePattern } from '../../model/evidence-pattern.js';
import type { ReorderingBySpacing } from '../../model/estimates.js';
import { buildSeries } from './pattern-series.js';

/** null without a row. */
export function composeOrderBySpacing(rows: readonly ReorderingBySpacing[]): EvidencePattern | null {
  const points = rows.map(({ gapNs, ratio }) => [gapNs, ratio.value] as const);
  const series = buildSeries('reordered', 'bars', points);
  return (
    series && {
      title: 'Share of packets overtaken, by the time from one packet to the next',
      x: { label: 'time between packets', unit: 'ns' },
      y: { label: 'reordered', unit: 'ratio' },
      series: [series],
    }
  );
}
