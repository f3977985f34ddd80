import { cpus } from 'node:os';
import type { Comparison, JudgedFigure, MeasureResult } from './measure.ts';
import { notMeasured } from './measure.ts';

const begin = '<!-- figures: written by `npm run bench` -->';
const end = '<!-- /figures -->';

/** All results as Markdown: the judged figures first, then what everyone reached. */
export function renderReport(results: readonly MeasureResult[], measuredAt: Date): string {
  const figures = results.flatMap((result) => result.figures);
  const remarks = [...new Set(results.flatMap((result) => result.remarks))];
  const comparisons = results.flatMap(({ comparison }) => comparison ?? []);
  return [
    describeMachine(measuredAt),
    renderTable(
      ['', 'Agent World', 'against', 'result', 'must', 'aim', ''],
      figures.map(renderFigure),
    ),
    ...remarks.map((remark) => `Missing: ${remark}.`),
    ...comparisons.map(renderComparison),
  ].join('\n\n');
}

/** The document with the part between the markers replaced. */
export function replaceFigures(document: string, report: string): string {
  const start = document.indexOf(begin);
  const stop = document.indexOf(end);
  if (start === -1 || stop < start) throw new Error(`the document has no ${begin} … ${end}`);
  return `${document.slice(0, start + begin.length)}\n\n${report}\n\n${document.slice(stop)}`;
}

function renderFigure(figure: JudgedFigure): readonly string[] {
  const sign = figure.better === 'lower' ? '≤' : '≥';
  const bound = (value: number) => `${sign} ${value.toLocaleString('en')}${figure.unit}`;
  return [
    figure.label,
    figure.ours,
    figure.peer,
    figure.value === undefined ? notMeasured : renderValue(figure.value, figure.unit),
    bound(figure.must),
    bound(figure.aim),
    verdict(figure),
  ];
}

function renderValue(value: number, unit: JudgedFigure['unit']): string {
  const digits = unit === ' B' ? 0 : 2;
  return `${value.toLocaleString('en', { maximumFractionDigits: digits })}${unit}`;
}

function verdict({ value, must, aim, better }: JudgedFigure): string {
  if (value === undefined) return 'not measured';
  const reaches = (bound: number) => (better === 'lower' ? value <= bound : value >= bound);
  if (reaches(aim)) return 'aim reached';
  return reaches(must) ? 'must reached' : '**falls short**';
}

function renderComparison({ title, columns, rows }: Comparison): string {
  return `### ${title}\n\n${renderTable(columns, rows)}`;
}

function renderTable(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = columns.map((column, index) =>
    Math.max(3, column.length, ...rows.map((row) => row[index]?.length ?? 0)),
  );
  const line = (cells: readonly string[]) =>
    `| ${widths.map((width, index) => (cells[index] ?? '').padEnd(width)).join(' | ')} |`;
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  return [line(columns), rule, ...rows.map(line)].join('\n');
}

function describeMachine(measuredAt: Date): string {
  const processors = cpus();
  const model = processors[0]?.model.trim() ?? 'unknown processor';
  const day = measuredAt.toISOString().slice(0, 10);
  return `Measured on ${day}: ${processors.length} × ${model}, Node ${process.versions.node}, ${process.platform}.`;
}
