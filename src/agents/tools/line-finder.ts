/**
 * Owns: which lines of a text fit what is searched for. A regular expression is tried line by line in a
 * thread of its own, which is ended when it takes too long: no pattern can keep anybody else waiting.
 */
import { Worker } from 'node:worker_threads';
import type { Clock } from '../../world/clock.ts';

export interface SearchTerm {
  readonly text?: string | undefined;
  /** A regular expression of JavaScript, without slashes; it is tried on each line by itself. */
  readonly regex?: string | undefined;
  readonly ignoreCase?: boolean | undefined;
}

export type FoundLines =
  | { readonly tag: 'lines'; readonly lines: readonly number[] }
  /** The pattern took too long on this text. */
  | { readonly tag: 'slow' }
  /** It is no regular expression. */
  | { readonly tag: 'bad'; readonly why: string };

export interface LineFinder {
  /** The lines that fit, from 1, in order, at most so many; `timeoutMs` is for this text. */
  find(content: string, most: number, timeoutMs: number): Promise<FoundLines>;
  close(): void;
}

export function lineFinder(
  { text, regex, ignoreCase = false }: SearchTerm,
  clock: Clock,
): LineFinder {
  if (regex !== undefined) return new RegexFinder(regex, ignoreCase ? 'iu' : 'u', clock);
  return new TextFinder((text ?? '').replaceAll(/\r\n?/g, '\n'), ignoreCase);
}

class TextFinder implements LineFinder {
  readonly #text: string;
  readonly #ignoreCase: boolean;

  constructor(text: string, ignoreCase: boolean) {
    this.#text = ignoreCase ? text.toLowerCase() : text;
    this.#ignoreCase = ignoreCase;
  }

  find(content: string, most: number): Promise<FoundLines> {
    const searched = this.#ignoreCase ? content.toLowerCase() : content;
    const lines: number[] = [];
    let line = 1;
    let counted = 0;
    for (let at = searched.indexOf(this.#text); at >= 0 && lines.length < most;) {
      for (let end = searched.indexOf('\n', counted); end >= 0 && end < at;) {
        line++;
        counted = end + 1;
        end = searched.indexOf('\n', counted);
      }
      lines.push(line);
      const next = searched.indexOf('\n', at);
      at = next < 0 ? -1 : searched.indexOf(this.#text, next + 1);
    }
    return Promise.resolve({ tag: 'lines', lines });
  }

  close(): void {}
}

interface Question {
  readonly pattern: string;
  readonly flags: string;
  readonly content: string;
  readonly most: number;
}

class RegexFinder implements LineFinder {
  readonly #pattern: string;
  readonly #flags: string;
  readonly #clock: Clock;
  #worker: Worker | undefined;

  constructor(pattern: string, flags: string, clock: Clock) {
    this.#pattern = pattern;
    this.#flags = flags;
    this.#clock = clock;
  }

  find(content: string, most: number, timeoutMs: number): Promise<FoundLines> {
    const worker = (this.#worker ??= new Worker(WORKER, { eval: true }));
    return new Promise((resolve, reject) => {
      const settle = (found: FoundLines): void => {
        cancel();
        worker.off('message', settle);
        worker.off('error', reject);
        resolve(found);
      };
      const cancel = this.#clock.after(timeoutMs, () => {
        this.close();
        settle({ tag: 'slow' });
      });
      worker.on('message', settle);
      worker.on('error', reject);
      const question: Question = { pattern: this.#pattern, flags: this.#flags, content, most };
      worker.postMessage(question);
    });
  }

  close(): void {
    void this.#worker?.terminate();
    this.#worker = undefined;
  }
}

/** Without the flag `u` a pattern may be one that only it refuses, such as an escaped quote. */
const WORKER = `
const { parentPort } = require('node:worker_threads');
const compile = (pattern, flags) => {
  try {
    return new RegExp(pattern, flags);
  } catch {
    return new RegExp(pattern, flags.replace('u', ''));
  }
};
parentPort.on('message', ({ pattern, flags, content, most }) => {
  let regex;
  try {
    regex = compile(pattern, flags);
  } catch (error) {
    parentPort.postMessage({ tag: 'bad', why: error.message });
    return;
  }
  const lines = [];
  let line = 0;
  for (const text of content.split('\\n')) {
    line++;
    if (regex.test(text)) lines.push(line);
    if (lines.length >= most) break;
  }
  parentPort.postMessage({ tag: 'lines', lines });
});
`;
