// The port's own counters show damaged frames while packets ran: cable, plug, transceiver or interference on the first link. Counters
// of a full queue or of collisions are other conditions' evidence.
import type { Evidence, Finding } from '../../model/report.js';
import type { PortErrors, Trace } from '../../model/trace.js';
import { BITS_PER_BYTE } from '../../model/units.js';
import { countLoss } from '../estimators/loss/loss-ratio.js';
import { formatCount, computePosterior } from './observations.js';
import type { Judgement, Observations } from './observations.js';

/** Links with a bad cable, plug or transceiver. */
const PRIOR = 0.01;
/** Worst bit error ratio that IEEE 802.3 allows of copper up to 1 Gb/s. */
const HEALTHY_BIT_ERROR_RATIO = 1e-10;
/** Bad links, evenly on a logarithmic scale. */
const BAD_BIT_ERROR_RATIOS = Array.from({ length: 40 }, (_, i) => 1e-9 * 10 ** ((i * 6) / 39));
const LEAST_PROBABILITY = 0.05;
/** Of what was lost; frames of others that were damaged count as well. */
const LEAST_COUNTED = 0.8;

type Counter = 'fcsErrors' | 'alignmentErrors' | 'carrierErrors';
const DAMAGE: Readonly<Record<Counter, string>> = {
  fcsErrors: 'with a wrong checksum (FCS)',
  alignmentErrors: 'with a broken octet (alignment)',
  carrierErrors: 'sent without carrier',
};
const COUNTERS = Object.keys(DAMAGE) as readonly Counter[];

export function judgePortErrors({ path, byPhase }: Observations): Judgement | null {
  const traces = Object.values(byPhase).flat();
  const counts = COUNTERS.map((counter) => ({ counter, count: sumErrors(traces, counter) })).filter(
    ({ count }) => count > 0,
  );
  const damaged = counts.reduce((sum, { count }) => sum + count, 0);
  if (damaged === 0) return null;
  const bits =
    BITS_PER_BYTE * traces.reduce((sum, { portBytes, cost }) => sum + (portBytes?.received ?? cost.bytes), 0);
  const good = Math.log(1 - PRIOR) + computePoissonLog(damaged, HEALTHY_BIT_ERROR_RATIO * bits);
  const bad =
    Math.log(PRIOR) + averageLogs(BAD_BIT_ERROR_RATIOS.map((ratio) => computePoissonLog(damaged, ratio * bits)));
  const probability = computePosterior([bad, good]);
  if (probability < LEAST_PROBABILITY) return { condition: 'port-errors', probability, finding: null };
  const evidence = counts.map(({ counter, count }) => describeCounter(counter, count));
  return { condition: 'port-errors', probability, finding: describe(path.port.name, evidence, probability) };
}

/** Whether the port counted about as many damaged frames while packets left one by one as were lost of those. */
export function countsWhatIsLost({ light }: Observations): boolean {
  const { lost } = countLoss(light);
  const damaged = COUNTERS.reduce((sum, counter) => sum + sumErrors(light, counter), 0);
  return lost > 0 && damaged >= LEAST_COUNTED * lost;
}

function sumErrors(traces: readonly Trace[], counter: keyof PortErrors): number {
  return traces.reduce((sum, { portErrors }) => sum + Math.max(0, portErrors?.[counter] ?? 0), 0);
}

/** ln of Poisson's probability without k!, which all hypotheses share. */
function computePoissonLog(count: number, mean: number): number {
  return count * Math.log(mean) - mean;
}

function averageLogs(logs: readonly number[]): number {
  const most = Math.max(...logs);
  return most + Math.log(logs.reduce((sum, log) => sum + Math.exp(log - most), 0) / logs.length);
}

function describeCounter(counter: Counter, count: number): Evidence {
  const text = `The port counted ${formatCount(count, 'frame')} ${DAMAGE[counter]} during the test`;
  return { text, metric: `portErrors.${counter}`, value: count, expected: 0 };
}

function describe(port: string, evidence: readonly Evidence[], probability: number): Finding {
  return {
    condition: 'port-errors',
    probability,
    severity: 'warning',
    where: { kind: 'first-hop' },
    direction: 'reverse',
    evidence,
    advice:
      `Replace the cable of port ${port}, then the transceiver or the switch port; keep it away from power lines. Errors that come ` +
      'only under load in both directions are a duplex mismatch: compare the settings of both ends.',
    confirm: 'With another cable the counter stays where it is.',
  };
}
