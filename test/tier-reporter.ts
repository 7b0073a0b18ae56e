// What scripts/test shows of a tier: each failure with its cause and its file's output, each skip with its reason, and a last
// line "PASSED FAILED SKIPPED" for the table. Decides nothing about passing: that is the exit status of node --test.
import { relative } from 'node:path';
import { inspect } from 'node:util';
import type { TestEvent } from 'node:test/reporters';

type Ended = Extract<TestEvent, { type: 'test:pass' | 'test:fail' }>['data'];

/** Node wraps what a test threw and says what kind of failure it was. */
interface WrappedError extends Error {
  readonly failureType?: string;
}

export default async function* reportTier(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const output = new Map<string, string>();
  const shown = new Set<string>();
  let passed = 0;
  let failed = 0;
  let skipped = 0;
  // Ends when the runner closes its stream, after the last file ended or was ended.
  for await (const event of events) {
    if (event.type === 'test:stdout' || event.type === 'test:stderr') {
      output.set(event.data.file, (output.get(event.data.file) ?? '') + event.data.message);
    } else if ((event.type === 'test:pass' || event.type === 'test:fail') && isSkipped(event.data)) {
      // What is not reached yet (`todo`) ends no run, however it ends itself; its reason is shown like a skip's.
      skipped += 1;
      yield `skipped  ${formatPlace(event.data)}: ${formatReason(event.data)}\n`;
    } else if (event.type === 'test:pass' && event.data.details.type !== 'suite') {
      passed += 1;
    } else if (event.type === 'test:fail' && !failedOnlyByItsParts(event.data)) {
      failed += 1;
      yield `FAILED   ${formatPlace(event.data)}\n${formatCause(event.data)}\n`;
      const file = event.data.file ?? event.data.name;
      if (!shown.has(file)) yield indent(output.get(file) ?? '');
      shown.add(file);
    }
  }
  yield `${passed} ${failed} ${skipped}\n`;
}

function isSkipped(test: Ended): boolean {
  return (test.skip !== undefined && test.skip !== false) || (test.todo !== undefined && test.todo !== false);
}

function formatReason(test: Ended): string {
  const reason = test.skip ?? test.todo;
  return typeof reason === 'string' && reason !== '' ? reason : 'NO REASON GIVEN';
}

/** A suite or test that failed because a test inside it did: that one is shown and counted. */
function failedOnlyByItsParts(test: Ended): boolean {
  return 'error' in test.details && (test.details.error as WrappedError).failureType === 'subtestsFailed';
}

function formatPlace(test: Ended): string {
  if (test.file === undefined || test.file === test.name) return relative('.', test.name);
  return `${relative('.', test.file)}:${test.line ?? 0} ${test.name}`;
}

function formatCause(test: Ended): string {
  if (!('error' in test.details)) return '';
  const error = test.details.error as WrappedError | undefined;
  const cause = error?.cause ?? error;
  if (error?.failureType === 'testTimeoutFailure') return indent('ended by --test-timeout: it hung');
  return indent(cause instanceof Error ? (cause.stack ?? cause.message) : inspect(cause));
}

function indent(text: string): string {
  return text.replace(/^(?=.)/gm, '    ');
}
