// The file that `--plot` writes: the picture behind the leading finding. That it can be written is known before anything is sent.
import { accessSync, constants, existsSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { UsageError } from '../model/errors.js';
import { renderPatternSvg } from '../model/pattern-svg.js';
import { orderForReading } from '../model/report.js';
import type { Report } from '../model/report.js';

/** @throws UsageError `usage.argument` for a name without .svg, a folder that is missing or closed, or what is no file. */
export function parsePlotFile(path: string): string {
  const refuse = (why: string, cause?: unknown): UsageError =>
    new UsageError('usage.argument', `--plot ${path}: ${why}`, { cause });
  if (!path.toLowerCase().endsWith('.svg')) throw refuse('the picture is an SVG: let the name end in .svg');
  const folder = dirname(path);
  if (!existsSync(folder)) throw refuse(`there is no folder ${folder}`);
  const isThere = existsSync(path);
  if (isThere && !statSync(path).isFile()) throw refuse('this is no file');
  try {
    accessSync(isThere ? path : folder, constants.W_OK);
  } catch (cause) {
    throw refuse('cannot be written', cause);
  }
  return path;
}

/**
 * Draws the first finding that has a pattern. Gives what to tell about it: one sentence.
 * @throws UsageError where the file cannot be written after all.
 */
export function writePlot(path: string, { findings }: Report): string {
  const pattern = orderForReading(findings).find((finding) => finding.pattern !== undefined)?.pattern;
  if (pattern === undefined) {
    const reason = findings.length === 0 ? 'there is no finding' : 'no finding has a pattern to draw';
    return `${path} was not written: ${reason}.`;
  }
  try {
    writeFileSync(path, renderPatternSvg(pattern));
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError('usage.argument', `--plot ${path}: ${why}`, { cause });
  }
  return `${pattern.title}: ${path}`;
}
