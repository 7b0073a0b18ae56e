// Whether a result tells of the box instead of the path. The estimators decide that for each figure; this only gathers it.
import type { Report } from './report.js';

/** Some rate of the report was limited by the probe itself, or a finding says so. */
export function isLimitedByProbe({ estimates, findings }: Pick<Report, 'estimates' | 'findings'>): boolean {
  const { capacity, available, utilization, maximum } = estimates;
  const rates = [capacity, available, utilization, maximum].flatMap(({ forward, reverse }) => [forward, reverse]);
  return (
    rates.some((rate) => rate?.limitedBy === 'probe') || findings.some(({ condition }) => condition === 'probe-limited')
  );
}
