// Looks at every file for damage, and writes those that have any anew from what can be read. The damaged file stays as `.bak`.
import { PERIOD_NAMES } from './levels.js';
import type { BlockFile } from './block-file.js';
import type { HistoryFolder } from './folder.js';

/** What was lost is told through `folder.onLoss`; resolves to the number of files that were written anew. Rejects as `Disk` does. */
export async function repairFiles(folder: HistoryFolder): Promise<number> {
  let repaired = 0;
  const repair = async <Row>(file: BlockFile<Row>): Promise<void> => {
    if (await file.isSound()) return;
    const blocks = await file.read();
    if (blocks === null) return;
    await file.write(blocks);
    repaired += 1;
  };
  for (const period of PERIOD_NAMES) {
    for (const windowMs of await folder.listWindows(period)) await repair(folder.segment(period, windowMs));
  }
  for (const monthMs of await folder.listMonths('incidents')) await repair(folder.incidents(monthMs));
  for (const monthMs of await folder.listMonths('events')) await repair(folder.events(monthMs));
  for (const name of await folder.listReportNames()) await repair(folder.report(name));
  return repaired;
}
