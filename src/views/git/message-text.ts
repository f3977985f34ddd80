/**
 * Owns: the text in which somebody sees and edits what an export will say, as git lets one edit a
 * commit's message. Does not know: editors.
 */
import type { ExportMode } from '../../core/git-point.ts';
import { splitMessage } from '../../git/commit-message.ts';
import { describeFinding, type RailFinding, type RailSettings } from '../../git/guard-rails.ts';
import type { ExportPreview } from '../../git/preview-export.ts';

export interface MessageParts {
  readonly preview: ExportPreview;
  readonly mode: ExportMode;
  readonly branch: string;
  readonly findings: readonly RailFinding[];
  readonly rails: RailSettings;
  /** What the user wrote for this branch before, and did not commit. */
  readonly written?: string;
  /** Sentences in the user's language. */
  readonly words: MessageWords;
}

export interface MessageWords {
  readonly howTo: string;
  readonly branch: string;
  readonly blocks: string;
  readonly warns: string;
  readonly commits: string;
  readonly trailers: string;
}

/** What is proposed, and behind hashes all there is to know. */
export function messageText(parts: MessageParts): string {
  const { preview, mode, findings, rails, words } = parts;
  const last = preview.commits.at(-1);
  const { said, trailers } = splitMessage(last?.message ?? '');
  const blocking = findings.filter(({ rail }) => rails[rail] === 'block');
  const others = findings.filter(({ rail }) => rails[rail] === 'warn');
  const section = (title: string, lines: readonly string[]): readonly string[] =>
    lines.length === 0 ? [] : ['', title, ...lines.map((line) => `  ${line}`)];
  const comments = [
    words.howTo,
    ...section(words.blocks, blocking.map(describeFinding)),
    ...section(words.warns, shortened(others.map(describeFinding))),
    '',
    words.branch,
    ...shortened(preview.changes.map(changeLine)).map((line) => `  ${line}`),
    ...section(words.commits, mode === 'one' ? [] : preview.commits.map(commitLine)),
    ...section(words.trailers, trailers.split('\n')),
  ];
  const proposed = parts.written ?? (mode === 'one' ? said : '');
  return `${proposed}\n\n${comments.map((line) => `# ${line}`.trimEnd()).join('\n')}\n`;
}

/** What somebody made of it; empty where it is what was proposed. */
export function messageIn(text: string, parts: Pick<MessageParts, 'preview' | 'mode'>): string {
  const lines = text.replaceAll('\r\n', '\n').split('\n');
  const said = lines
    .filter((line) => !line.startsWith('#'))
    .join('\n')
    .trim();
  const proposed = splitMessage(parts.preview.commits.at(-1)?.message ?? '').said.trim();
  return parts.mode === 'one' && said === proposed ? '' : said;
}

function changeLine({ path, before, after }: ExportPreview['changes'][number]): string {
  const letter = before === undefined ? 'A' : after === undefined ? 'D' : 'M';
  return `${letter} ${path}`;
}

function commitLine({ author, message }: ExportPreview['commits'][number]): string {
  return `${message.split('\n')[0]} (${author.replace(/ <.*$/, '')})`;
}

function shortened(lines: readonly string[]): readonly string[] {
  return lines.length <= MOST_LINES
    ? lines
    : [...lines.slice(0, MOST_LINES), `… ${lines.length - MOST_LINES}`];
}

const MOST_LINES = 50;
