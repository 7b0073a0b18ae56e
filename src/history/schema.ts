// The number of the history's format, and how what an older version wrote becomes what this one reads.
import { StoreError } from '../model/errors.js';

/** Grows with every change that an older program would misread; additions that it may ignore leave it as it is. */
export const SCHEMA_NUMBER = 1;

/** Turns one block (see block-file.ts) or journal record of the format `from` into that of `from + 1`. */
export type Migration = (json: unknown) => unknown;

/** By the number they start from: from each older format to its next. There is no older one than 1. */
const MIGRATIONS: ReadonlyMap<number, Migration> = new Map();

/**
 * Brings JSON of an older format to this one, step by step. Ends because the number grows with each step.
 * @throws StoreError `store.newer` for what a newer program wrote, or for a format that was never used.
 */
export function migrate(json: unknown, from: number, to = SCHEMA_NUMBER, migrations = MIGRATIONS): unknown {
  let current = json;
  for (let number = from; number !== to; number += 1) {
    const migration = migrations.get(number);
    if (number > to || migration === undefined) throw createNewerError(from);
    current = migration(current);
  }
  return current;
}

function createNewerError(number: number): StoreError {
  return new StoreError(
    'store.newer',
    `the history has format ${number}, and this version reads up to ${SCHEMA_NUMBER}: update the program, or give it another folder`,
  );
}
