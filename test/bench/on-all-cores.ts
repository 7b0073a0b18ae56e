// Work that needs no more than a processor, on all of them: one thread a core, each with every n-th job of a list.
import { availableParallelism } from 'node:os';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';

/**
 * Runs every job in threads of `module` (its `import.meta.url`), which must call `answerJobs` when it is loaded. Jobs and answers
 * are plain data; the answers are in the order of the jobs. Rejects with the first error of a thread.
 */
export async function runOnAllCores<Answer>(module: string, jobs: readonly unknown[]): Promise<Answer[]> {
  const threads = Math.min(jobs.length, availableParallelism());
  const parts = Array.from({ length: threads }, (_, thread) => jobs.filter((_job, i) => i % threads === thread));
  const answers = await Promise.all(parts.map((part) => runInThread<Answer>(module, part)));
  return jobs.map((_job, i) => answers[i % threads]?.[Math.floor(i / threads)] as Answer);
}

function runInThread<Answer>(module: string, jobs: readonly unknown[]): Promise<Answer[]> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(module), { workerData: jobs });
    worker.once('message', resolve);
    worker.once('error', reject);
  });
}

/** Takes any kind of job: what the main thread gave is what comes. Does nothing in the main thread. */
export async function answerJobs(answer: (job: never) => Promise<unknown>): Promise<void> {
  if (isMainThread) return;
  const answers: unknown[] = [];
  for (const job of workerData as never[]) answers.push(await answer(job));
  parentPort?.postMessage(answers);
}
