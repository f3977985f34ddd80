/** Owns: the table of docs/agents.md that a run of the real clients writes. */
import type { Verdict } from './cases/agent-case.ts';
import { AGENT_CASES } from './cases/all-cases.ts';
import { REAL_CLIENTS } from './clients/all-clients.ts';
import type { RealClient } from './clients/real-client.ts';

const BEGIN = '<!-- clients: written by `npm run agents` -->';
const END = '<!-- /clients -->';

export interface ClientResult {
  readonly client: RealClient;
  /** By the id of the case. */
  readonly verdicts: ReadonlyMap<string, Verdict>;
}

/** The page with the rows and remarks of these clients in place of those it has. */
export function withResults(page: string, results: readonly ClientResult[]): string {
  const start = page.indexOf(BEGIN);
  const end = page.indexOf(END);
  if (start < 0 || end < start) throw new Error(`the page has no ${BEGIN} … ${END}`);
  const old = page.slice(start + BEGIN.length, end).split('\n');
  const rows = REAL_CLIENTS.map(({ title }) => rowOf(results, title, oldRow(old, title)));
  const remarks = REAL_CLIENTS.flatMap(({ title }) => {
    const result = results.find(({ client }) => client.title === title);
    const before = old.filter((line) => line.startsWith(`- ${title}, `));
    return result ? remarksOf(result, before) : before;
  });
  const titles = ['', ...AGENT_CASES.map(({ title }) => title)];
  const table = tableOf([titles, ...rows.filter((row) => row !== undefined)]);
  const parts = remarks.length === 0 ? [table] : [table, remarks.join('\n')];
  return `${page.slice(0, start + BEGIN.length)}\n\n${parts.join('\n\n')}\n\n${page.slice(end)}`;
}

/** What was not tried this time stays as it was. */
function rowOf(
  results: readonly ClientResult[],
  title: string,
  before: readonly string[] | undefined,
): readonly string[] | undefined {
  const result = results.find(({ client }) => client.title === title);
  if (!result) return before;
  const { client, verdicts } = result;
  const cells = AGENT_CASES.map(({ id }, at) => {
    const verdict = verdicts.get(id);
    return verdict ? cellOf(verdict) : (before?.[at + 1] ?? cellOf(verdict));
  });
  return [`${client.title} ${client.version}`, ...cells];
}

/** What a run before has put there, by the heads of its columns: cases come and go. */
function oldRow(lines: readonly string[], title: string): readonly string[] | undefined {
  const row = lines.find((each) => each.startsWith(`| ${title} `));
  const heads = cellsOf(lines.find((each) => each.startsWith('|')) ?? '');
  if (row === undefined) return undefined;
  const [name, ...cells] = cellsOf(row);
  const byHead = new Map(heads.slice(1).map((head, at) => [head, cells[at]]));
  return [name!, ...AGENT_CASES.map((each) => byHead.get(each.title) ?? cellOf(undefined))];
}

function cellsOf(line: string): readonly string[] {
  return line
    .slice(1, -1)
    .split('|')
    .map((cell) => cell.trim());
}

function cellOf(verdict: Verdict | undefined): string {
  switch (verdict?.tag) {
    case undefined:
      return 'not tried';
    case 'ok':
      return 'yes';
    case 'short':
      return 'in part';
    case 'fail':
      return '**no**';
  }
}

function remarksOf(
  { client, verdicts }: ClientResult,
  before: readonly string[],
): readonly string[] {
  return AGENT_CASES.flatMap(({ id, title }) => {
    const verdict = verdicts.get(id);
    if (!verdict) return before.filter((line) => line.startsWith(`- ${client.title}, ${title}: `));
    const said = verdict.tag === 'ok' ? verdict.remark : verdict.why;
    return said === undefined ? [] : [`- ${client.title}, ${title}: ${firstLine(said)}.`];
  });
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0]!.replace(/[.:]$/, '');
}

function tableOf(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) =>
    Math.max(3, ...rows.map((row) => row[column]!.length)),
  );
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`;
  const rule = widths.map((width) => '-'.repeat(width));
  const [head, ...body] = rows;
  return [line(head!), line(rule), ...body.map(line)].join('\n');
}
