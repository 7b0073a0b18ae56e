// Which of the counters that Linux drivers keep under names of their own means which error. Names as drivers/net has them,
// without regard to case and punctuation; a name that is not here counts for nothing.
import type { PortErrors } from '../model/trace.js';

export type ErrorName = keyof PortErrors;

/** Names of one list mean the same event, so that the largest counts; lists of one error are added. */
const NAMES: Readonly<Record<ErrorName, readonly (readonly string[])[]>> = {
  fcsErrors: [
    [
      'rx_crc_errors',
      'rx_fcs_errors',
      'rx_fcs',
      'rx_crc',
      'rx_frame_check_sequence_errors',
      'IEEE_rx_crc',
      'mmc_rx_crc_error',
    ],
    ['rx_fragments', 'rx_fragment', 'rx_frag', 'rx_fragment_errors'],
  ],
  alignmentErrors: [
    [
      'rx_align_errors',
      'align_errors',
      'rx_alignment_errors',
      'rx_align',
      'IEEE_rx_align',
      'mmc_rx_align_error',
      'rx_align_code_errors',
    ],
  ],
  collisions: [
    [
      'tx_single_collisions',
      'tx_single_collision_frames',
      'tx_single_collision_packets',
      'IEEE_tx_1col',
      'tx_scl',
      'mmc_tx_singlecol_g',
      'single_coll_tx_frames',
    ],
    [
      'tx_multiple_collisions',
      'tx_multi_collisions',
      'tx_mult_collisions',
      'tx_multiple_collision_frames',
      'tx_multiple_collision_packets',
      'IEEE_tx_mcol',
      'tx_mcl',
      'mmc_tx_multicol_g',
      'multiple_coll_tx_frames',
    ],
  ],
  lateCollisions: [
    ['tx_late_collisions', 'tx_abort_late_coll', 'IEEE_tx_lcol', 'tx_lcl', 'mmc_tx_latecol', 'late_collisions'],
  ],
  excessiveCollisions: [
    [
      'tx_excessive_collisions',
      'tx_excess_collisions',
      'tx_excessive_collision',
      'tx_excessive_collision_packets',
      'IEEE_tx_excol',
      'tx_xcl',
      'mmc_tx_exesscol',
      'excessive_collisions',
    ],
  ],
  carrierErrors: [
    [
      'tx_carrier_errors',
      'tx_carrier_sense_errors',
      'tx_no_carrier_sense_packets',
      'IEEE_tx_cserr',
      'mmc_tx_carrier_error',
      'carrier_sense_errors',
    ],
  ],
  receiveOverruns: [['rx_over_errors', 'rx_overruns', 'rx_fifo_errors', 'rx_fifo_overflow', 'mmc_rx_fifo_overflow']],
  receiveMissed: [['rx_missed_errors', 'rx_missed', 'rx_missed_packets', 'rx_no_buffer_count']],
};

export const ERROR_NAMES = Object.keys(NAMES) as readonly ErrorName[];

/** Where a driver has its counters of each error: positions in its list, in groups as above. */
export type DriverPlaces = Readonly<Record<ErrorName, readonly (readonly number[])[]>>;

export function findDriverPlaces(driverNames: readonly string[]): DriverPlaces {
  const positions = new Map<string, number>();
  driverNames.forEach((name, at) => {
    const plain = simplify(name);
    if (!positions.has(plain)) positions.set(plain, at);
  });
  const find = (names: readonly string[]): number[] => names.flatMap((name) => positions.get(simplify(name)) ?? []);
  const entries = ERROR_NAMES.map((name): [ErrorName, number[][]] => [
    name,
    NAMES[name].map(find).filter((places) => places.length > 0),
  ]);
  return Object.fromEntries(entries) as Record<ErrorName, number[][]>;
}

function simplify(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '');
}
