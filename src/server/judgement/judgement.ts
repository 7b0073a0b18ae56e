// Judges each minute of all watched targets and sees to what follows: incidents and events are kept and told, examinations asked for,
// what was learnt remembered. How it is decided is analysis/baseline's business, what is measured the monitors'.
import type { Decision } from '../../analysis/baseline/decision.js';
import { addLateReport, closeForgotten, takeReport } from '../../analysis/baseline/incident-record.js';
import { composeId } from '../../analysis/baseline/incident-text.js';
import { judgeBox } from '../../analysis/baseline/judge-box.js';
import type { BoxFrame, BoxState, TargetMinute } from '../../analysis/baseline/judge-box.js';
import { StoreError } from '../../model/errors.js';
import type { BoxEvent, Incident } from '../../model/incident.js';
import type { Report } from '../../model/report.js';
import type { BaselineMemory, Learning } from './baseline-memory.js';

/** Where incidents and events are kept: the history. May reject with StoreError; the record then waits there. */
export interface IncidentKeeper {
  putIncident(incident: Incident): Promise<void>;
  /** Null for one that is not kept. */
  readIncident(id: string): Promise<Incident | null>;
  addEvent(event: BoxEvent): Promise<void>;
  /** The newest first. */
  listOpenIncidents(): Promise<readonly Incident[]>;
}

export interface JudgementOptions extends BoxFrame {
  readonly memory: BaselineMemory;
  readonly keeper: IncidentKeeper;
  /** A deep examination is wanted; whether and when, the caller decides. */
  readonly examine: (wanted: { readonly target: string; readonly incidentId: string }) => void;
  /** Everything that people should hear of, as it happens; with the incident it speaks of. */
  readonly onTold: (event: BoxEvent, incident: Incident | null) => void;
  /** What could not be kept. */
  readonly onStoreError: (error: StoreError) => void;
}

/** So often, at least, it is written where the targets stand, minutes: a restart repeats no more. */
const REMEMBER_MINUTES = 360;

export class Judgement {
  #sinceRemembered = 0;

  private constructor(
    private readonly options: JudgementOptions,
    private state: BoxState,
  ) {}

  /**
   * With what was remembered. What the keeper has as open and nothing remembers - a power cut between the two, a damaged file - is
   * closed, and that is told. @throws StoreError where the folder cannot be written
   */
  static async open(options: JudgementOptions, nowMs: number): Promise<Judgement> {
    const judgement = new Judgement(options, await options.memory.read());
    const known = new Set(judgement.listOpenIncidents().map(({ id }) => id));
    const forgotten = (await options.keeper.listOpenIncidents()).filter(({ id }) => !known.has(id));
    const decisions = forgotten.map((incident, i) => closeForgotten(incident, nowMs, i));
    if (decisions.length > 0) await judgement.#carryOut(decisions);
    return judgement;
  }

  /** One minute of every target that is watched; of others what is open is closed. One call at a time, in the order of time. */
  async judge(minutes: readonly TargetMinute[], startMs?: number): Promise<void> {
    const { timeZone, isLinkUp } = this.options;
    const frame = { timeZone, isLinkUp, ...(startMs === undefined ? {} : { startMs }) };
    const { state, decisions } = judgeBox(this.state, minutes, frame);
    this.state = state;
    await this.#carryOut(decisions);
  }

  /** What an examination found that `examine` asked for. Nothing where the incident was over before it began. */
  async takeReport(incidentId: string, report: Report, atMs: number): Promise<void> {
    const found = Object.entries(this.state).find(([, { watch }]) =>
      watch.incidents.some(({ id }) => id === incidentId),
    );
    if (found === undefined) return this.#takeLateReport(incidentId, report, atMs);
    const [name, known] = found;
    const { watch, decisions } = takeReport(known.watch, incidentId, { report, atMs });
    this.state = { ...this.state, [name]: { ...known, watch } };
    await this.#carryOut(decisions);
  }

  /** It ended while it was examined. */
  async #takeLateReport(incidentId: string, report: Report, atMs: number): Promise<void> {
    const { keeper } = this.options;
    const kept = await keeper.readIncident(incidentId);
    const incident = kept && addLateReport(kept, report);
    if (incident === null) return;
    const text = `${incident.target} was examined before it was over: ${report.summary}`;
    const id = composeId(atMs, [incident.target, 'updated'], this.state[incident.target]?.watch.serial ?? 0);
    await this.#keep(() => keeper.putIncident(incident));
    const { target } = incident;
    await this.#tell({ id, atMs, kind: 'updated', severity: 'info', target, incidentId, text }, incident);
  }

  /** Oldest first. */
  listOpenIncidents(): readonly Incident[] {
    const open = Object.values(this.state).flatMap(({ watch }) => watch.incidents);
    return open.sort((a, b) => a.openedMs - b.openedMs);
  }

  async close(): Promise<void> {
    await this.#keep(() => this.options.memory.writeStandings(this.state));
  }

  async #carryOut(decisions: readonly Decision[]): Promise<void> {
    const { keeper, memory, examine } = this.options;
    for (const decision of decisions) {
      switch (decision.kind) {
        case 'incident':
          await this.#keep(() => keeper.putIncident(decision.incident));
          if (decision.event !== null) await this.#tell(decision.event, decision.incident);
          break;
        case 'event':
          await this.#tell(decision.event, null);
          break;
        case 'examine':
          examine({ target: decision.target, incidentId: decision.incidentId });
          break;
        case 'learn':
        case 'forget':
          break;
        default:
          decision satisfies never;
      }
    }
    await this.#keep(() => memory.addLearning(decisions.filter(isLearning)));
    this.#sinceRemembered += 1;
    const isNews = decisions.some(({ kind }) => kind === 'incident');
    if (!isNews && this.#sinceRemembered < REMEMBER_MINUTES) return;
    this.#sinceRemembered = 0;
    await this.#keep(() => memory.writeStandings(this.state));
  }

  async #tell(event: BoxEvent, incident: Incident | null): Promise<void> {
    await this.#keep(() => this.options.keeper.addEvent(event));
    this.options.onTold(event, incident);
  }

  /** A disk that is full or gone stops no judging. */
  async #keep(write: () => Promise<void>): Promise<void> {
    try {
      await write();
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      this.options.onStoreError(error);
    }
  }
}

function isLearning(decision: Decision): decision is Learning {
  return decision.kind === 'learn' || decision.kind === 'forget';
}
