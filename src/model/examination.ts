// The examination as the other rooms see it: a state machine without clock or I/O. analysis/examination implements it.
import type { Budget, Cost, Sequence } from './sequence.js';
import type { PathDescription } from './path.js';
import type { Report } from './report.js';
import type { Trace } from './trace.js';

export const DEPTHS = ['quick', 'normal', 'deep'] as const;
export type Depth = (typeof DEPTHS)[number];

/** Most that an examination may cost. */
export interface SpendingBounds {
  readonly maxSeconds: number;
  readonly maxBytes: number;
}

/** Time and bytes that each depth may cost unless a person says otherwise. */
export const DEPTH_BUDGET: Readonly<Record<Depth, SpendingBounds>> = {
  quick: { maxSeconds: 4, maxBytes: 1_000_000 },
  normal: { maxSeconds: 15, maxBytes: 5_000_000 },
  deep: { maxSeconds: 60, maxBytes: 20_000_000 },
};

/** What can be asked for by itself with `measure`. */
export const QUANTITIES = [
  'capacity',
  'available',
  'loss',
  'delay',
  'jitter',
  'mtu',
  'dscp',
  'responsiveness',
  'maximum',
  'utilization',
  'propagation',
  'reordering',
  'duplication',
  'voice',
] as const;
export type Quantity = (typeof QUANTITIES)[number];

/** Quantities that fill the path for seconds: they cost what a path of 1 Gb/s takes in that time, and less on a slower one. */
const QUANTITY_BUDGET: Readonly<Partial<Record<Quantity, SpendingBounds>>> = {
  // Each direction: the way up to the rate, and 1.1 s at a tenth above it.
  maximum: { maxSeconds: 6, maxBytes: 350_000_000 },
  // Two seconds of load at 400 Mb/s, or several runs on slower paths; faster ones are loaded for a shorter time.
  responsiveness: { maxSeconds: 20, maxBytes: 150_000_000 },
};

/** Whether others on the path will notice that it is measured. */
export function fillsPath(quantity: Quantity): boolean {
  return QUANTITY_BUDGET[quantity] !== undefined;
}

/** What an examination may cost unless a person says otherwise. `quantity` is null where everything is examined. */
export function computeDefaultBudget(depth: Depth, quantity: Quantity | null): SpendingBounds {
  return (quantity === null ? undefined : QUANTITY_BUDGET[quantity]) ?? DEPTH_BUDGET[depth];
}

export interface ExaminationRequest {
  readonly id: string;
  /** ISO 8601, UTC; the caller's clock, not the examination's. */
  readonly startedAt: string;
  readonly depth: Depth;
  /** Only this quantity; null examines everything. */
  readonly quantity: Quantity | null;
  readonly maxSeconds: number;
  readonly maxBytes: number;
  /** Share (0-1) of the narrow link that the whole examination may use on average; without it only the bytes bound it. */
  readonly maxLinkShare?: number;
  /** Seeds every random choice of patterns, so that an examination can be repeated. */
  readonly seed: number;
}

/** What the examination is told at each step. `elapsedNs` since it began is the only time it knows. */
export interface StepInput {
  readonly elapsedNs: number;
  /** The trace of the sequence that the last step asked for; null at the first step. */
  readonly trace: Trace | null;
}

export type Step =
  | { readonly kind: 'run'; readonly sequence: Sequence; readonly budget: Budget; readonly phase: string }
  | { readonly kind: 'done'; readonly report: Report };

export interface PlannedCost {
  readonly packets: number;
  /** Bytes of Ethernet frames sent, FCS and preamble not counted. */
  readonly bytes: number;
  readonly seconds: number;
}

/** Told before the first packet: what an examination is held to, and what it usually comes to on a path without fault. */
export interface CostPlan {
  readonly most: PlannedCost;
  readonly likely: PlannedCost;
}

export interface Examination {
  readonly plan: CostPlan;
  next(input: StepInput): Step;
  /** The report of what is known so far: Ctrl-C, a vanished port, a broken peer. */
  interrupt(elapsedNs: number, reason: string): Report;
}

export type StartExamination = (request: ExaminationRequest, path: PathDescription, openingCost: Cost) => Examination;

/** What a person watching an examination is told. */
export type ExaminationEvent =
  | { readonly kind: 'opened'; readonly path: PathDescription }
  /** A run waits for its turn on the network port; `behind` is the target of the one that has it, where that is known. */
  | { readonly kind: 'waiting'; readonly ahead: number; readonly behind: string | null }
  | { readonly kind: 'planned'; readonly plan: CostPlan }
  | { readonly kind: 'phase'; readonly phase: string; readonly sequence: Sequence }
  | { readonly kind: 'progress'; readonly phase: string; readonly sent: number; readonly total: number }
  | { readonly kind: 'traced'; readonly phase: string; readonly cost: Cost };
