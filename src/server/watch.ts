// The box watches by itself: monitors measure, every minute goes into the history and is judged, what follows is told. Which part does
// what is in their rooms; here they are put together.
import { BaselineMemory } from './judgement/baseline-memory.js';
import { Judgement } from './judgement/judgement.js';
import type { JudgementOptions } from './judgement/judgement.js';
import { Monitors } from './monitors/monitors.js';
import { PortWatch } from './monitors/port-watch.js';
import type { BoxFrame, TargetMinute } from '../analysis/baseline/judge-box.js';
import { readDefaultGateway } from '../box/default-gateway.js';
import { readPortFacts } from '../box/port-facts.js';
import type { History } from '../history/history.js';
import type { Configuration } from '../model/configuration.js';
import { StoreError } from '../model/errors.js';
import type { BoxEvent, Incident } from '../model/incident.js';
import { PERIODS_MS } from '../model/period-summary.js';
import type { PeriodSummary } from '../model/period-summary.js';
import type { Report } from '../model/report.js';
import { openRemote } from '../prober/remote/open-remote.js';

export interface WatchingOptions {
  readonly configuration: Configuration;
  /** null where there is none: the box watches and tells, and forgets. */
  readonly history: History | null;
  /** Where it is kept what is usual of each target. */
  readonly baselineFolder: string;
  /** The sequencer's control socket. It need not answer yet. */
  readonly socketPath: string;
  /** A breach wants a deep examination; whether and when, the caller decides. */
  readonly examine: JudgementOptions['examine'];
  /** Everything that people should hear of, as it happens; with the incident it speaks of. */
  readonly onTold: JudgementOptions['onTold'];
  /** What each watched target was in the period that has just ended, after it was judged. */
  readonly onMinutes?: (minutes: readonly PeriodSummary[]) => void;
  readonly onStoreError: (error: StoreError) => void;
  readonly onDefect: (error: unknown) => void;
  /** Of a period, ms; a minute unless somebody cannot wait so long. */
  readonly minuteMs?: number;
}

export interface Watching {
  /** Watches what this one names from now on. */
  reconfigure(configuration: Configuration): void;
  /** What an examination found that `examine` asked for. */
  takeReport(incidentId: string, report: Report): Promise<void>;
  /** Oldest first. */
  listOpenIncidents(): readonly Incident[];
  close(): Promise<void>;
}

export async function startWatching(options: WatchingOptions): Promise<Watching> {
  const { history, onStoreError, onDefect } = options;
  const readClockMs = (): number => Date.now();
  const keep = keepOrTell(onStoreError);
  /** Who hears of it finds it in the diary. */
  const tellFact = (event: BoxEvent): void => {
    void keep(async () => history?.addEvent(event))
      .then(() => options.onTold(event, null))
      .catch(onDefect);
  };
  const ports = new PortWatch({ readPort: readPortFacts, readClockMs, onEvent: tellFact });
  let { timeZone } = options.configuration;
  const judgement = await openJudgement(options, {
    isLinkUp: (port) => ports.isLinkUp(port),
    get timeZone() {
      return timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
    },
  });
  let turn: Promise<unknown> = Promise.resolve();
  /** Judging and what examinations found, one after the other. */
  const inTurn = (job: () => Promise<void>): Promise<void> => {
    const done = turn.then(job);
    turn = done.catch(() => undefined);
    return done;
  };
  const takePeriod = async (minutes: readonly TargetMinute[], startMs: number): Promise<void> => {
    ports.keepOnly(minutes.map(({ target }) => target.name));
    ports.look();
    await keep(async () => history?.append(minutes.map(({ summary }) => summary)));
    await inTurn(() => judgement.judge(minutes, startMs));
    options.onMinutes?.(minutes.map(({ summary }) => summary));
  };
  const monitors = new Monitors({
    open: openRemote(options.socketPath),
    readGateway: () => readDefaultGateway(),
    readClockMs,
    readElapsedMs: () => performance.now(),
    lengthMs: options.minuteMs ?? PERIODS_MS.minute,
    onOpened: (target, path) => ports.note(target, path),
    onPeriod: takePeriod,
    onDefect,
  });
  monitors.watch(options.configuration.targets);
  return {
    reconfigure: (configuration) => {
      ({ timeZone } = configuration);
      monitors.watch(configuration.targets);
    },
    takeReport: (incidentId, report) => inTurn(() => judgement.takeReport(incidentId, report, readClockMs())),
    listOpenIncidents: () => judgement.listOpenIncidents(),
    close: async () => {
      await monitors.close();
      await inTurn(() => judgement.close());
    },
  };
}

/** More than all targets can have; of a history that was damaged again and again the rest goes with the next start. */
const MOST_OPEN = 1_000;

async function openJudgement(options: WatchingOptions, frame: BoxFrame): Promise<Judgement> {
  const { history, baselineFolder, examine, onTold, onStoreError } = options;
  const onLoss = (what: string): void => onStoreError(new StoreError('store.write', `what was learnt: ${what}`));
  const judged: JudgementOptions = {
    memory: new BaselineMemory(baselineFolder, onLoss),
    keeper: {
      putIncident: async (incident) => history?.putIncident(incident),
      addEvent: async (event) => history?.addEvent(event),
      readIncident: async (id) => (await history?.readIncident(id)) ?? null,
      listOpenIncidents: async () => (await history?.listIncidents({ limit: MOST_OPEN, state: 'open' })) ?? [],
    },
    examine,
    onTold,
    onStoreError,
    isLinkUp: frame.isLinkUp,
    get timeZone() {
      return frame.timeZone;
    },
  };
  return Judgement.open(judged, Date.now());
}

/** A disk that is full or gone stops no watching. */
function keepOrTell(tell: (error: StoreError) => void): (write: () => Promise<void>) => Promise<void> {
  return async (write) => {
    try {
      await write();
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      tell(error);
    }
  };
}
