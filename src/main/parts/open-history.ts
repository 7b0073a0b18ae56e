// Opens the history of this box for its analysis server. Without one the server works on and says so.
import { History } from '../../history/history.js';
import { describeLoss } from '../../history/losses.js';
import type { HealthConcern } from '../../model/box-health.js';
import { StoreError } from '../../model/errors.js';
import type { BoxEvent } from '../../model/incident.js';
import { computeHistoryFolder } from '../../model/parts.js';

const ADVICE = 'All that is measured is forgotten when the server ends. Mend it, then start the server anew.';

export interface OpenedHistory {
  /** Null where it could not be opened. */
  readonly history: History | null;
  /** Another process, which lives, writes in this folder: what is done by itself is that one's. */
  readonly isOfAnother: boolean;
  /** What was lost, or why there is none; one sentence each. */
  readonly problems: readonly string[];
  /** What somebody should do about it for as long as this process runs. */
  readonly concerns: readonly HealthConcern[];
}

/** `onLost` hears of what is lost from now on: the diary has these events already. */
export async function openHistory(stateFolder: string, onLost: (event: BoxEvent) => void): Promise<OpenedHistory> {
  const problems: string[] = [];
  let isOpen = false;
  try {
    const history = await History.open(computeHistoryFolder(stateFolder), {
      onLoss: (loss, event) => {
        if (isOpen) onLost(event);
        else problems.push(describeLoss(loss));
      },
    });
    isOpen = true;
    return { history, isOfAnother: false, problems, concerns: [] };
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    const isOfAnother = error.code === 'store.busy';
    const what = isOfAnother ? 'no history is kept, and nothing is watched or started' : 'no history is kept';
    const problem = `${what}: ${error.message}`;
    const concern = { subject: 'history', severity: 'critical', text: problem, advice: ADVICE } as const;
    return { history: null, isOfAnother, problems: [problem], concerns: [concern] };
  }
}
