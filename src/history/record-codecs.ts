// How each kind of record lies in its blocks: summaries as columns of a target, the others as they are.
import { InvariantError } from '../model/errors.js';
import type { BoxEvent, Incident } from '../model/incident.js';
import type { PeriodSummary } from '../model/period-summary.js';
import type { Report } from '../model/report.js';
import type { BlockCodec } from './block-file.js';
import { decodeSummaries, encodeSummaries } from './summary-columns.js';
import type { SummaryColumns } from './summary-columns.js';

export const summaryCodec: BlockCodec<PeriodSummary> = {
  kind: 'summaries',
  encode: encodeSummaries,
  decode: (json) => decodeSummaries(json as SummaryColumns),
  identify: ({ startMs }) => startMs,
};

function createPlainCodec<Row extends { readonly id: string }>(kind: string): BlockCodec<Row> {
  return {
    kind,
    encode: (_key, rows) => rows,
    decode(json) {
      if (!Array.isArray(json)) throw new InvariantError(`a block of ${kind} is no list`);
      return json as Row[];
    },
    identify: ({ id }) => id,
  };
}

export const incidentCodec = createPlainCodec<Incident>('incidents');
export const eventCodec = createPlainCodec<BoxEvent>('events');
export const reportCodec = createPlainCodec<Report>('report');
