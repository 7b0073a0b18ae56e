// What a box publishes, as the console gets it: by the product's own encoders.
import { UsageError } from '../../../src/model/errors.js';
import type { BoxEvent, Incident } from '../../../src/model/incident.js';
import type { PeriodSummary } from '../../../src/model/period-summary.js';
import { encodeEvent, encodeInfo, encodeTargetState } from '../../../src/mqtt/payloads.js';
import { parseBoxPayload } from '../../../src/packet/box-payload.js';
import { parseBoxTopic } from '../../../src/packet/box-topic.js';
import type { BoxTopic } from '../../../src/packet/box-topic.js';
import type { BoxSaying } from '../../../src/model/fleet.js';

export function parseTopic(topic: string): BoxTopic {
  const parsed = parseBoxTopic('apparenet', `apparenet/${topic}`);
  if (parsed === null) throw new UsageError('usage.argument', `${topic} is no topic of a box`);
  return parsed;
}

export function parse(topic: string, payload: string): BoxSaying {
  return parseBoxPayload(parseTopic(topic), Buffer.from(payload));
}

export const tellInfo = (startedMs: number): string =>
  encodeInfo({ id: 'hall', name: 'Hall', version: '0.1.0', startedMs });
export const tellEvent = (event: BoxEvent, incident: Incident | null): string => encodeEvent(event, incident);
export const tellMinute = (minute: PeriodSummary, open: readonly Incident[] = []): string =>
  encodeTargetState(minute, open);
