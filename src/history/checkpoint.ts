// Up to which record the journal is in segments. Without it records of an earlier round of the journal would be played back.
import { InvariantError } from '../model/errors.js';
import { BlockFile } from './block-file.js';
import type { BlockCodec } from './block-file.js';
import { WHOLE } from './folder.js';
import type { HistoryFolder } from './folder.js';

interface Checkpoint {
  readonly closedThrough: number;
}

const checkpointCodec: BlockCodec<Checkpoint> = {
  kind: 'checkpoint',
  encode: (_key, rows) => rows,
  decode(json) {
    const [checkpoint] = json as readonly Partial<Checkpoint>[];
    if (typeof checkpoint?.closedThrough !== 'number') throw new InvariantError('a checkpoint without a number');
    return [{ closedThrough: checkpoint.closedThrough }];
  },
  identify: () => WHOLE,
};

/** Null where there is none yet. @throws StoreError `store.newer` */
export async function readCheckpoint(folder: HistoryFolder): Promise<number | null> {
  return (await openCheckpoint(folder).read())?.get(WHOLE)?.[0]?.closedThrough ?? null;
}

/** Durable when it resolves. */
export async function writeCheckpoint(folder: HistoryFolder, closedThrough: number): Promise<void> {
  await openCheckpoint(folder).write(new Map([[WHOLE, [{ closedThrough }]]]));
}

const openCheckpoint = (folder: HistoryFolder): BlockFile<Checkpoint> =>
  new BlockFile(folder.disk, folder.checkpointPath, checkpointCodec, folder.onLoss);
