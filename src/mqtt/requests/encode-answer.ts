// The payload of an answer. Pure.
import { ApparenetError } from '../../model/errors.js';
import type { ErrorCode } from '../../model/errors.js';

/** `refused`: nothing was begun. `failed`: it was begun, and nothing came of it. */
export const ANSWER_STATUSES = ['accepted', 'progress', 'done', 'refused', 'failed'] as const;
export type AnswerStatus = (typeof ANSWER_STATUSES)[number];

export interface Answer {
  /** null where the request had none. */
  readonly transaction: string | null;
  readonly verb: string;
  readonly status: AnswerStatus;
  /** Unix ms. */
  readonly atMs: number;
}

/** `fields` say what there is to say of it. */
export function encodeAnswer({ transaction, verb, status, atMs }: Answer, fields: object): string {
  const at = new Date(atMs).toISOString();
  return JSON.stringify({ schema: 'apparenet.response/1', transaction, verb, status, at, ...fields });
}

/** What is not one of our errors is a defect of ours; its words stay in the log. */
export function describeRefusal(error: unknown): { readonly code: ErrorCode; readonly reason: string } {
  if (error instanceof ApparenetError) return { code: error.code, reason: error.message };
  return { code: 'invariant', reason: 'unexpected error; the log says more' };
}
