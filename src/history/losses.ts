// What the store could not read, or had to forget, in words and counts: nothing is lost silently.
import type { BoxEvent } from '../model/incident.js';

export interface StoreLoss {
  /** Path of the file; of the folder where records never reached a file. */
  readonly file: string;
  readonly kind: LossKind;
  /** Summaries, incidents, events and reports that are gone; null where that cannot be told. */
  readonly records: number | null;
}

/**
 * - `unfinished`: the last record of the journal is not whole; it was being written when the power went, or is damaged.
 * - `damaged`: a checksum does not fit, or a part is missing.
 * - `restored`: the file was damaged and the version before it took its place.
 * - `forgotten`: the disk took nothing for so long that memory had to be freed.
 */
export type LossKind = 'unfinished' | 'damaged' | 'restored' | 'forgotten';

const SENTENCE: Readonly<Record<LossKind, string>> = {
  unfinished: 'ends with a record that is not whole',
  damaged: 'is damaged',
  restored: 'was damaged; the version before it was taken',
  forgotten: 'took nothing for too long',
};

/** One sentence for a person. */
export function describeLoss({ file, kind, records }: StoreLoss): string {
  const count =
    records === null ? 'what it held is not known' : `${records} ${records === 1 ? 'record' : 'records'} lost`;
  return `${file} ${SENTENCE[kind]}: ${count}.`;
}

const TIME_DIGITS = 9;

/** Its line in the diary. `serial` tells losses of one moment apart. */
export function composeLossEvent(loss: StoreLoss, atMs: number, serial: number): BoxEvent {
  const time = Math.max(0, Math.floor(atMs)).toString(36).padStart(TIME_DIGITS, '0');
  return {
    id: `${time}-store-damaged-${serial}`,
    atMs,
    kind: 'store-damaged',
    severity: loss.kind === 'unfinished' ? 'info' : 'warning',
    target: null,
    incidentId: null,
    text: describeLoss(loss),
  };
}
