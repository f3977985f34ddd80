import { utf8Length } from '../../core/path.ts';
import type { Clock } from '../../world/clock.ts';
import type { Link } from '../../world/link.ts';
import type { WorldView } from '../../world/world-view.ts';
import { done, type MatchedFile, type MatchView, refused, type Reply } from './answer.ts';
import { fitsGlob } from './glob.ts';
import { lineFinder, type LineFinder, type SearchTerm } from './line-finder.ts';
import { bounded } from './list-files.ts';
import { countedLines, shortLine } from './numbered-lines.ts';
import type { ShelvedText, TextShelf } from './text-shelf.ts';

/** Either `text`, searched for as it is, or `regex`. */
export interface SearchRequest extends SearchTerm {
  /** Only files that fit; all without it. */
  readonly glob?: string | undefined;
  /** Lines shown before and behind each match, 0 to 10; 0 without it. */
  readonly context?: number | undefined;
  /** At most so many matches, 1 to 500; 100 without it. */
  readonly limit?: number | undefined;
  /** Go on where the answer before ended: its `after`. */
  readonly after?: string | undefined;
}

interface Searcher {
  readonly view: WorldView;
  readonly shelf: TextShelf;
  readonly clock: Clock;
}

/** Searches the newest texts of the world, within bounds of time and size. */
export async function searchFiles(
  searcher: Searcher,
  link: Link,
  request: SearchRequest,
): Promise<Reply> {
  const term = request.regex ?? request.text ?? '';
  if (term === '' || (request.regex !== undefined && request.text !== undefined)) {
    return refused('bad_request', 'Say either `text` or `regex`, which must not be empty.');
  }
  const finder = lineFinder(request, searcher.clock);
  try {
    return await new Search(searcher, request, finder).run(link);
  } finally {
    finder.close();
  }
}

/** One search: it ends with the last file, or when it has found or taken enough. */
class Search {
  readonly #searcher: Searcher;
  readonly #request: SearchRequest;
  readonly #finder: LineFinder;
  readonly #limit: number;
  readonly #context: number;
  readonly #deadlineMs: number;
  readonly #files: MatchedFile[] = [];
  #matches = 0;
  #bytes = 0;
  #searched = 0;

  constructor(searcher: Searcher, request: SearchRequest, finder: LineFinder) {
    this.#searcher = searcher;
    this.#request = request;
    this.#finder = finder;
    this.#limit = bounded(request.limit, USUAL_MATCHES, MOST_MATCHES);
    this.#context = Math.min(MOST_CONTEXT, Math.max(0, Math.floor(request.context ?? 0)));
    this.#deadlineMs = searcher.clock.nowMs() + MOST_MS;
  }

  async run(link: Link): Promise<Reply> {
    const { view, shelf } = this.#searcher;
    const { glob = '**' } = this.#request;
    const from = placeOf(this.#request.after ?? '');
    const wanted = [...view.files.values()]
      .filter(({ deleted, kind, path }) => !deleted && kind === 'text' && fitsGlob(path, glob))
      .filter(({ path }) => path > from.path || (path === from.path && from.line > 0))
      .sort((a, b) => (a.path < b.path ? -1 : 1));
    let last = '';
    for await (const file of shelf.readAll(
      link,
      view,
      wanted.map(({ fileId }) => fileId),
    )) {
      const path = view.files.get(file.fileId)?.path ?? '';
      if (this.#isLate())
        return this.#reply(last === '' ? (this.#request.after ?? '') : last, LATE);
      const stop = await this.#look(file, path, path === from.path ? from.line : 0);
      if (typeof stop !== 'string') return stop;
      if (stop !== '') return this.#reply(stop, FULL);
      last = path;
    }
    return this.#reply('', '');
  }

  /** Where to go on if the answer is full; empty if it is not. */
  async #look(file: ShelvedText, path: string, afterLine: number): Promise<string | Reply> {
    const content = file.text.toString();
    // What was shown before has to be found again to be left out.
    const most = this.#limit - this.#matches + 1 + afterLine;
    const timeoutMs = Math.max(1, this.#deadlineMs - this.#searcher.clock.nowMs());
    const found = await this.#finder.find(content, most, timeoutMs);
    if (found.tag === 'slow') return slow(path, this.#request.regex ?? '');
    if (found.tag === 'bad') return badPattern(this.#request.regex ?? '', found.why);
    this.#searched++;
    const lines = found.lines.filter((line) => line > afterLine);
    const matches: MatchView[] = [];
    let stop = '';
    for (const [index, line] of lines.entries()) {
      const match = this.#match(file, line, lines);
      const bytes = utf8Length(match.text);
      const isFull = this.#matches >= this.#limit || this.#bytes + bytes > MOST_BYTES;
      if (isFull && this.#matches > 0) {
        stop = index === 0 ? `${path}:${afterLine}` : `${path}:${lines[index - 1]}`;
        break;
      }
      matches.push(match);
      this.#matches++;
      this.#bytes += bytes;
    }
    if (matches.length > 0) this.#files.push({ path, version: file.version, matches });
    return stop;
  }

  #match({ text }: ShelvedText, line: number, found: readonly number[]): MatchView {
    const fits = new Set(found);
    const first = Math.max(1, line - this.#context);
    const last = Math.min(Math.max(line, countedLines(text)), line + this.#context);
    const rows: string[] = [];
    let at = first;
    for (const content of text.lines(first - 1, last)) {
      rows.push(`${at}${fits.has(at) ? '→' : ' '}${shortLine(content, MOST_IN_LINE)}`);
      at++;
    }
    return { line, text: rows.join('\n') };
  }

  #isLate(): boolean {
    return this.#searcher.clock.nowMs() >= this.#deadlineMs;
  }

  #reply(after: string, why: string): Reply {
    const files = this.#files;
    const inFiles = files.length === 1 ? '1 file' : `${files.length} files`;
    const found =
      this.#matches === 0 ? 'No line fits' : `${this.#matches} lines fit, in ${inFiles}`;
    const message = `${found}; ${this.#searched} files were searched.${why}`;
    const next = after === '' ? [] : [`Ask again with after: ${after}`];
    const body = {
      kind: 'matches',
      files,
      total: this.#matches,
      filesSearched: this.#searched,
      after,
    } as const;
    return done(message, body, next);
  }
}

/** `path:line` of an earlier answer, or a path that was searched to its end. */
function placeOf(after: string): { readonly path: string; readonly line: number } {
  const found = /^(.*):(\d{1,9})$/.exec(after);
  // No path of a world has a colon.
  return found ? { path: found[1]!, line: Number(found[2]) } : { path: after, line: 0 };
}

function slow(path: string, pattern: string): Reply {
  return refused(
    'bad_pattern',
    `The regular expression took too long at ${path}: ${JSON.stringify(pattern)}`,
    [
      'Use a simpler one without a repetition inside of a repetition, or search for `text`, or name fewer files by `glob`.',
    ],
  );
}

function badPattern(pattern: string, why: string): Reply {
  return refused(
    'bad_pattern',
    `This is no regular expression: ${JSON.stringify(pattern)} (${why})`,
    ['Mend it, or search for `text`.'],
  );
}

const LATE = ' It took too long to search all.';
const FULL = ' There are more than are shown.';
const USUAL_MATCHES = 100;
const MOST_MATCHES = 500;
const MOST_CONTEXT = 10;
const MOST_BYTES = 40_000;
const MOST_IN_LINE = 500;
const MOST_MS = 8_000;
