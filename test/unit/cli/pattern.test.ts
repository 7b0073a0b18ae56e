// The picture behind a finding: in a terminal, as SVG, and as a file that --plot writes.
import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { renderPattern } from '../../../src/cli/pattern-text.js';
import { parsePlotFile, writePlot } from '../../../src/cli/plot-file.js';
import { UsageError } from '../../../src/model/errors.js';
import type { AxisUnit, EvidencePattern, PatternSeries } from '../../../src/model/evidence-pattern.js';
import { drawPattern, renderPatternSvg } from '../../../src/model/pattern-svg.js';
import { HEALTHY_REPORT, SAMPLE_REPORTS } from './sample-reports.js';

const STEP: EvidencePattern = {
  title: 'Share of packets lost, by their size',
  x: { label: 'IP length', unit: 'bytes' },
  y: { label: 'lost', unit: 'ratio' },
  series: [{ name: 'lost', mark: 'bars', x: [92, 1400, 1401, 1500], y: [0, 0, 1, 1] }],
};

const QUEUE: EvidencePattern = {
  title: 'Round trips while our own load fills the path',
  x: { label: 'time', unit: 'ns' },
  y: { label: 'round trip', unit: 'ns' },
  series: [
    { name: 'round trip', mark: 'dots', x: [0, 1e8, 2e8, 3e8], y: [1e7, 1e8, 2e8, 3e8] },
    { name: 'lost', mark: 'losses', x: [2.9e8], y: [0] },
  ],
};

const units = fc.constantFrom<AxisUnit>('ns', 'bytes', 'ratio', 'packets');
const axis = fc.record({ label: fc.string({ minLength: 1 }), unit: units });
const series: fc.Arbitrary<PatternSeries> = fc
  .record({
    name: fc.string({ minLength: 1 }),
    mark: fc.constantFrom('line' as const, 'dots' as const, 'bars' as const, 'losses' as const),
    points: fc.array(
      fc.tuple(fc.double({ min: 0, max: 1e12, noNaN: true }), fc.double({ min: 0, max: 1e12, noNaN: true })),
      {
        minLength: 1,
        maxLength: 160,
      },
    ),
  })
  .map(({ name, mark, points }) => {
    const sorted = points.sort(([a], [b]) => a - b);
    return { name, mark, x: sorted.map(([x]) => x), y: sorted.map(([, y]) => y) };
  });
const patterns: fc.Arbitrary<EvidencePattern> = fc.record({
  title: fc.string({ minLength: 1 }),
  x: axis,
  y: axis,
  series: fc.array(series, { minLength: 1, maxLength: 5 }),
});

describe('in a terminal', () => {
  it('a limit of size is a step at its place', () => {
    const [caption, top = '', , , bottom = '', ends = ''] = renderPattern(STEP, 60);
    assert.equal(caption, 'lost (%) by IP length (bytes)');
    assert.match(top, /^ 100┤ +█+$/);
    assert.match(bottom, /^ {3}0┤▁+█+$/);
    assert.equal(top.indexOf('█'), bottom.indexOf('█'));
    assert.match(ends, /^ +92 +1500$/);
  });

  it('a queue grows to the right, with its losses below', () => {
    const lines = renderPattern(QUEUE, 60);
    const place = (line: string | undefined): number => line?.search(/[▁-█]/) ?? -1;
    assert.ok(place(lines[1]) > place(lines[4]), lines.join('\n'));
    assert.ok((lines[5]?.indexOf('×') ?? -1) > 40, lines.join('\n'));
  });

  it('any pattern keeps to the width', () => {
    fc.assert(
      fc.property(patterns, fc.integer({ min: 10, max: 120 }), (pattern, columns) => {
        for (const line of renderPattern(pattern, columns)) assert.ok(line.length <= columns, line);
      }),
    );
  });
});

describe('as SVG', () => {
  it('draws one mark for each point, and says in words what is seen', () => {
    const svg = renderPatternSvg(STEP);
    assert.match(svg, /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" class="plot" role="img"/);
    assert.match(svg, /<title>Share of packets lost, by their size<\/title>/);
    assert.match(svg, /<desc>lost \(%\) by IP length\. lost: 0 to 100, 4 points\.<\/desc>/);
    assert.match(svg, /prefers-color-scheme:dark/);
    // Four bars and the sign of the legend.
    assert.equal(svg.match(/<rect class="s0 fill"/g)?.length, 5);
  });

  it('leaves colours and ground to the page, which builds its own elements', () => {
    const { tag, attributes, children } = drawPattern(STEP);
    const tags = children.map((child) => (typeof child === 'string' ? '' : child.tag));
    assert.deepEqual([tag, attributes['role']], ['svg', 'img']);
    assert.deepEqual(tags.slice(0, 3), ['title', 'desc', 'text']);
    assert.ok(!tags.includes('style'));
  });

  it('values too small to tell from zero still give an axis', () => {
    const speck = { ...STEP, series: [{ name: 'speck', mark: 'line' as const, x: [0], y: [5e-324] }] };
    assert.doesNotMatch(renderPatternSvg(speck), /NaN|Infinity/);
  });

  it('any pattern gives finite places and no markup but ours', () => {
    fc.assert(
      fc.property(patterns, (pattern) => {
        const svg = renderPatternSvg(pattern);
        assert.doesNotMatch(svg, /NaN|Infinity|undefined/);
        const tags = new Set(Array.from(svg.matchAll(/<\/?([^\s>/]+)/g), ([, tag]) => tag));
        for (const tag of tags) {
          assert.match(tag ?? '', /^(svg|title|desc|style|rect|text|path|circle|polyline)$/);
        }
      }),
    );
  });
});

describe('--plot', () => {
  let folder = '';
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'plot-'));
  });
  after(() => rmSync(folder, { recursive: true }));

  const findings = Object.values(SAMPLE_REPORTS).flatMap((report) => report.findings);
  const report = {
    ...HEALTHY_REPORT,
    findings: findings.slice(0, 2).map((finding, i) => ({ ...finding, ...(i === 1 && { pattern: STEP }) })),
  };

  it('writes the first pattern there is, also over a picture of before', () => {
    const path = join(folder, 'a.svg');
    for (let i = 0; i < 2; i += 1) {
      assert.equal(writePlot(parsePlotFile(path), report), `${STEP.title}: ${path}`);
      assert.equal(readFileSync(path, 'utf8'), renderPatternSvg(STEP));
    }
  });

  it('says why nothing was written', () => {
    const path = join(folder, 'none.svg');
    assert.match(writePlot(path, HEALTHY_REPORT), /not written: there is no finding/);
    assert.equal(existsSync(path), false);
  });

  it('refuses what cannot be written before anything is sent', (context) => {
    mkdirSync(join(folder, 'folder.svg'));
    const refused: [string, RegExp][] = [
      [join(folder, 'a.png'), /end in \.svg/],
      [join(folder, 'missing', 'a.svg'), /there is no folder/],
      [join(folder, 'folder.svg'), /no file/],
    ];
    for (const [path, why] of refused) {
      assert.throws(
        () => parsePlotFile(path),
        (error) => error instanceof UsageError && why.test(error.message),
      );
    }
    if (process.getuid?.() === 0) {
      context.diagnostic('as root every folder can be written: the closed folder is left out');
      return;
    }
    mkdirSync(join(folder, 'closed'));
    chmodSync(join(folder, 'closed'), 0o500);
    assert.throws(() => parsePlotFile(join(folder, 'closed', 'a.svg')), UsageError);
  });
});
