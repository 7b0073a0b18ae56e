// Which of several experiments tells most per byte about which load fault it is: the expected gain of information between the hypotheses
// that are left, each predicting at its most probable setting what the experiment would lose.
import { ETHERNET_HEADER_BYTES } from '../../../../model/units.js';
import type { Experiment } from '../load-hypothesis.js';
import type { Posterior } from './posterior.js';

/** Packets sent together tell less than as many sent by themselves, and no hypothesis is exact. */
const WORTH_OF_PACKET = 0.2;
/** Less than this (nats) left to learn is what the posterior always keeps for hypotheses that are not exact; and less to be learned is not worth a byte. */
const LEAST_UNCERTAINTY = 0.2;
const LEAST_GAIN = 0.04;
const EXTREME_RATIO = 5e-4;

/** null where nothing is worth its bytes. */
export function chooseExperiment(posterior: Posterior, menu: readonly Experiment[]): Experiment | null {
  const explanations = hedge(posterior.explanations);
  const uncertainty = computeEntropy(explanations.map(({ probability }) => probability));
  if (uncertainty < LEAST_UNCERTAINTY) return null;
  let best: { readonly experiment: Experiment; readonly perByte: number } | null = null;
  for (const experiment of menu) {
    const gain = Math.min(uncertainty, estimateGain(explanations, experiment));
    const perByte = gain / (experiment.packets * (experiment.sizeBytes + ETHERNET_HEADER_BYTES));
    if (gain > LEAST_GAIN && perByte > (best?.perByte ?? 0)) best = { experiment, perByte };
  }
  return best?.experiment ?? null;
}

/** Before a fault is told, odds found with few packets are taken for their square root; that nothing is wrong needs no more packets. */
function hedge(explanations: Posterior['explanations']): Posterior['explanations'] {
  if (explanations[0]?.parts.every(({ hypothesis }) => hypothesis.condition === 'healthy') === true)
    return explanations;
  const total = explanations.reduce((sum, { probability }) => sum + Math.sqrt(probability), 0);
  return explanations.map((one) => ({ ...one, probability: Math.sqrt(one.probability) / total }));
}

/** Mutual information of hypothesis and outcome, packets taken as independent: Σ P·n·D(p‖p̄). */
function estimateGain(explanations: Posterior['explanations'], experiment: Experiment): number {
  const expected = explanations.map(({ parts, probability }) => {
    const passed = parts.reduce(
      (share, { hypothesis, reading }) => share * (1 - hypothesis.expectLoss(reading.parameters, experiment)),
      1,
    );
    return { probability, ratio: Math.min(1 - EXTREME_RATIO, Math.max(EXTREME_RATIO, 1 - passed)) };
  });
  const mean = expected.reduce((sum, { probability, ratio }) => sum + probability * ratio, 0);
  const divergence = expected.reduce(
    (sum, { probability, ratio }) =>
      sum + probability * (ratio * Math.log(ratio / mean) + (1 - ratio) * Math.log((1 - ratio) / (1 - mean))),
    0,
  );
  return WORTH_OF_PACKET * experiment.packets * divergence;
}

function computeEntropy(probabilities: readonly number[]): number {
  return -probabilities.reduce((sum, p) => (p > 0 ? sum + p * Math.log(p) : sum), 0);
}
