// Where reports go: into the history, and nowhere lost while its disk takes nothing.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { StoreError } from '../../../src/model/errors.js';
import type { Report } from '../../../src/model/report.js';
import { ReportShelf } from '../../../src/server/report-shelf.js';
import type { ReportKeeper, ReportQuery } from '../../../src/server/report-shelf.js';

/** A history whose disk takes what comes while `isFull` is false. */
class Keeper implements ReportKeeper {
  isFull = false;
  readonly kept: Report[] = [];

  addReport(report: Report): Promise<void> {
    if (this.isFull) return Promise.reject(new StoreError('store.write', 'the disk is full'));
    this.kept.unshift(report);
    return Promise.resolve();
  }

  listReports({ limit, beforeId }: ReportQuery): Promise<Report[]> {
    const from = this.kept.findIndex(({ id }) => id === beforeId) + 1;
    return Promise.resolve(this.kept.slice(from, from + limit));
  }

  readReport(id: string): Promise<Report | null> {
    return Promise.resolve(this.kept.find((report) => report.id === id) ?? null);
  }

  countReports(): Promise<number> {
    return Promise.resolve(this.kept.length);
  }
}

const buildReport = (id: string): Report => ({ id }) as unknown as Report;

test('whenever the disk takes nothing, every report is found, and pages join to the whole list, newest first', async () => {
  const property = fc.asyncProperty(
    fc.array(fc.boolean(), { maxLength: 30 }),
    fc.integer({ min: 1, max: 7 }),
    async (fullAt, limit) => {
      const keeper = new Keeper();
      const errors: StoreError[] = [];
      const shelf = new ReportShelf(keeper, (error) => errors.push(error));
      for (const [at, isFull] of fullAt.entries()) {
        keeper.isFull = isFull;
        await shelf.add(buildReport(`R${at}`));
      }
      const expected = fullAt.map((_, at) => `R${at}`).reverse();
      const listed: string[] = [];
      for (;;) {
        const last = listed.at(-1);
        const page = await shelf.list({ limit, ...(last === undefined ? {} : { beforeId: last }) });
        assert.ok(page.length <= limit);
        if (page.length === 0) break;
        listed.push(...page.map(({ id }) => id));
      }
      assert.deepEqual(listed, expected);
      for (const id of expected) assert.equal((await shelf.find(id))?.id, id);
      assert.deepEqual(await shelf.count(), { reports: expected.length, where: 'history' });
      assert.equal(errors.length, fullAt.filter(Boolean).length, 'each failure is told');
    },
  );
  await fc.assert(property);
});

test('without a history the last hundred are kept in memory', async () => {
  const shelf = new ReportShelf(null, () => assert.fail('nothing can fail'));
  for (let at = 0; at < 120; at += 1) await shelf.add(buildReport(`R${at}`));
  assert.deepEqual(await shelf.count(), { reports: 100, where: 'memory' });
  assert.equal(await shelf.find('R19'), null);
  assert.equal((await shelf.find('R119'))?.id, 'R119');
});
