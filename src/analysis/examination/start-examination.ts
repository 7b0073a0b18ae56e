// The examination: a state machine without clock or I/O. It asks for one sequence after the other, each planned from what
// was seen and cut to what may still be spent, and ends with the report.
import type {
  CostPlan,
  Examination,
  ExaminationRequest,
  StartExamination,
  Step,
  StepInput,
} from '../../model/examination.js';
import type { PathDescription } from '../../model/path.js';
import type { Report } from '../../model/report.js';
import type { Cost, Sequence } from '../../model/sequence.js';
import type { Trace } from '../../model/trace.js';
import { addHeard } from './add-heard.js';
import { computeAllowance } from './plans/allowance.js';
import { planCapacity, planFirstRate } from './phases/capacity-phase.js';
import { planExamination } from './plans/cost-plan.js';
import { composeReport } from './report/compose-report.js';
import { planAvailable } from './phases/available-phase.js';
import { planClasses } from './phases/classes-phase.js';
import { planDelay } from './phases/delay-phase.js';
import { planWait, reduceForBusyLine } from './plans/heavy-load.js';
import { planLoaded } from './phases/loaded-phase.js';
import { planMaximum } from './phases/maximum-phase.js';
import { planMixture } from './phases/mixture-phase.js';
import { planMtu } from './phases/mtu-phase.js';
import { planSpacing } from './phases/spacing-phase.js';
import { keepForFill, planFill } from './phases/fill-phase.js';
import { fitToMtu } from './plans/fit-to-mtu.js';
import { createNoTraces } from './knowledge.js';
import type { Knowledge, PhaseName } from './knowledge.js';
import { isReached, planReach } from './phases/reach-phase.js';
import { readCapacity } from './readings/train-readings.js';
import { planMeet, planSeparate } from './phases/separate-phase.js';
import { planSizes } from './phases/sizes-phase.js';
import { selectPhases } from './phases/phases-by-quantity.js';

/** Each gives the next sequence of its phase, or null when the phase has what it needs or may not spend more. */
const PLANNERS: Readonly<Record<PhaseName, (knowledge: Knowledge) => Sequence | null>> = {
  reach: planReach,
  delay: planDelay,
  rate: planFirstRate,
  sizes: planSizes,
  mtu: planMtu,
  classes: planClasses,
  spacing: planSpacing,
  look: planWait,
  meet: planMeet,
  mixture: planMixture,
  capacity: planCapacity,
  separate: planSeparate,
  available: (knowledge) => planAvailable(keepForFill(knowledge)),
  fill: planFill,
  loaded: planLoaded,
  maximum: planMaximum,
};

export const startExamination: StartExamination = (request, path, openingCost) =>
  new PathExamination(request, path, openingCost);

class PathExamination implements Examination {
  readonly plan: CostPlan;
  readonly #request: ExaminationRequest;
  #path: PathDescription;
  readonly #phases: readonly PhaseName[];
  readonly #traces = createNoTraces();
  #cost: Cost;
  #phase = 0;

  constructor(request: ExaminationRequest, path: PathDescription, openingCost: Cost) {
    this.#request = request;
    this.#path = path;
    this.#phases = selectPhases(request.quantity);
    this.plan = planExamination(request, path);
    this.#cost = openingCost;
  }

  next({ elapsedNs, trace }: StepInput): Step {
    if (trace !== null) this.#take(trace);
    if (trace?.interrupted === true) return this.#finish(elapsedNs, 'The last run was interrupted');
    // Ends with a sequence, or when each phase has said that it is done.
    for (; this.#phase < this.#phases.length; this.#phase += 1) {
      const phase = this.#phases[this.#phase] ?? 'reach';
      const knowledge = this.#know(elapsedNs);
      const sequence = PLANNERS[phase](fitToMtu(reduceForBusyLine(knowledge, phase), phase));
      if (sequence !== null) {
        const { packets, bytes } = knowledge.allowance;
        return { kind: 'run', sequence, budget: { maxPackets: packets, maxBytes: Math.floor(bytes) }, phase };
      }
      if (phase === 'reach' && !isReached(this.#traces)) break;
    }
    return this.#finish(elapsedNs, null);
  }

  interrupt(elapsedNs: number, reason: string): Report {
    return this.#report(elapsedNs, [`Stopped early: ${reason}`]);
  }

  #take(trace: Trace): void {
    const phase = this.#phases[this.#phase] ?? 'reach';
    this.#traces[phase].push(trace);
    this.#path = addHeard(this.#path, trace.heard);
    this.#cost = { packets: this.#cost.packets + trace.cost.packets, bytes: this.#cost.bytes + trace.cost.bytes };
  }

  #finish(elapsedNs: number, remark: string | null): Step {
    return { kind: 'done', report: this.#report(elapsedNs, remark === null ? [] : [remark]) };
  }

  #report(elapsedNs: number, remarks: readonly string[]): Report {
    const knowledge = this.#know(elapsedNs);
    return composeReport({ knowledge, cost: this.#cost, elapsedNs, remarks });
  }

  #know(elapsedNs: number): Knowledge {
    return {
      request: this.#request,
      path: this.#path,
      traces: this.#traces,
      allowance: computeAllowance(this.#request, this.#cost, { elapsedNs, linkBitsPerSec: this.#learnLinkRate() }),
    };
  }

  /** Only asked for where a share of it is the bound. */
  #learnLinkRate(): number | null {
    if (this.#request.maxLinkShare === undefined) return null;
    return readCapacity({ traces: this.#traces, path: this.#path })?.estimate.value ?? this.#path.port.speedBitsPerSec;
  }
}
