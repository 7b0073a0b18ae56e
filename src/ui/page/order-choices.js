// What can be ordered beside the target, and what it may cost at most, said before it starts. The budgets are the server's own.
import { make } from './elements.js';
import { formatBytes } from './figures.js';
import { computeDefaultBudget, fillsPath, QUANTITIES } from './model/examination.js';

const DEPTHS = [
  ['normal', 'Everything'],
  ['quick', 'Everything, quickly'],
  ['deep', 'Everything, in depth'],
];
const QUANTITY_WORDS = {
  capacity: 'Capacity',
  available: 'Available rate',
  loss: 'Loss',
  delay: 'Delay',
  jitter: 'Jitter',
  mtu: 'Path MTU',
  dscp: 'Traffic classes',
  responsiveness: 'Delay under load',
  maximum: 'Maximum rate',
  utilization: 'Share in use',
  propagation: 'Propagation',
  reordering: 'Reordering',
  duplication: 'Duplicates',
  voice: 'Voice quality',
};

/** Options whose values `parseChoice` reads. */
export function makeChoices() {
  const option = (value, words) => make('option', { value }, words);
  return [
    make('optgroup', { label: 'Find what is wrong' }, ...DEPTHS.map(([depth, words]) => option(depth, words))),
    make(
      'optgroup',
      { label: 'Measure one quantity' },
      ...QUANTITIES.map((quantity) => option(`only ${quantity}`, QUANTITY_WORDS[quantity] ?? quantity)),
    ),
  ];
}

/** The fields of an order. */
export function parseChoice(value) {
  return value.startsWith('only ') ? { quantity: value.slice('only '.length) } : { depth: value };
}

/** One short line, so that nothing moves when the choice changes. */
export function describeCost({ depth = 'normal', quantity = null }) {
  const { maxSeconds, maxBytes } = computeDefaultBudget(depth, quantity);
  const most = `at most ${formatBytes(maxBytes)}, ${maxSeconds} s`;
  return quantity !== null && fillsPath(quantity) ? `Fills the path: ${most}.` : `Costs ${most}.`;
}
